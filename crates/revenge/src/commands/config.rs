//! `revenge config`.

use std::io::Write as _;

use crate::Setting;

/// Prints the effective values with secrets hidden; what is printed is a configuration file again.
pub fn run(setting: &Setting) -> anyhow::Result<()> {
    let origin = match &setting.file {
        Some(file) => format!("read from {}", file.display()),
        None => "no configuration file; the defaults and the environment".to_owned(),
    };
    let mut config = setting.config.clone();
    config.data_dir = Some(setting.data_dir.clone());
    write!(std::io::stdout(), "# {origin}\n{}", config.to_yaml()?)?;
    Ok(())
}
