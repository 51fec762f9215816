//! `deploy/*.service`: read by systemd itself, as it would when it starts them.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Tenths of what `systemd-analyze security` calls exposure: 10 is a service that may do everything.
const MOST_EXPOSED: &str = "--threshold=21";

#[expect(clippy::disallowed_methods, reason = "a test runs a trusted program on its own files")]
fn analyze(arguments: &[&str], unit: &Path) -> Output {
    let mut command = Command::new("systemd-analyze");
    command.args(arguments).arg(unit).env("SYSTEMD_COLORS", "0");
    command.output().expect("`make setup` installs systemd-analyze")
}

/// The complaints about one unit: about those of the machine it may have some too.
fn said_of(name: &str, output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.lines().filter(|it| it.contains(name)).collect::<Vec<_>>().join("\n")
}

#[test]
fn systemd_understands_every_word_of_the_units_and_finds_them_confined() {
    let folder = tempfile::tempdir().expect("a folder");
    let deploy = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy");
    for name in ["revenge.service", "revenge-transcoder.service"] {
        let text = fs::read_to_string(deploy.join(name)).expect("the file is in the repository");
        // The program is not installed here, and that is all that may be wrong.
        let here = text.replace("/usr/lib/revenge/revenge", "/bin/true");
        assert_ne!(text, here, "{name}");
        let unit = folder.path().join(name);
        fs::write(&unit, &here).expect("written");
        let verified = analyze(&["verify", "--man=no"], &unit);
        // A word that it does not know is only warned of.
        assert_eq!((verified.status.success(), said_of(name, &verified)), (true, String::new()));
        let security = analyze(&["security", "--offline=true", "--no-pager", MOST_EXPOSED], &unit);
        assert!(security.status.success(), "{}", String::from_utf8_lossy(&security.stdout));

        let broken = here.replace("ProtectHome=", "ProtectHome=half-");
        assert_ne!(here, broken, "{name}");
        fs::write(&unit, broken).expect("written");
        assert_ne!(
            said_of(name, &analyze(&["verify", "--man=no"], &unit)),
            "",
            "it would not tell"
        );
    }
}
