//! x
fn main() -> anyhow::Result<()> {
    let m = xtask::demo::make(std::path::Path::new(&std::env::args().nth(1).unwrap()))?;
    println!("{m:?}");
    Ok(())
}
