//! A new build of the web app is a new build of the program that carries it.

fn main() {
    println!("cargo:rerun-if-changed=../../web/build");
}
