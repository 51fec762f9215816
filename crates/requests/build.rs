//! A new migration is a new build: the compiler does not watch folders by itself.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
