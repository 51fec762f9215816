//! What a child does to itself before it becomes FFmpeg: limits, a death with its parent, and no way to files or the
//! network. Only the program that is about to be replaced can do this without `unsafe`.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpriority_process,
    setrlimit,
};
use rustix::thread::disable_transparent_huge_pages;

use super::Limits;

/// Where programs and their libraries are. Nothing of a person's lies there.
const SYSTEM: [&str; 8] = [
    "/usr",
    "/lib",
    "/lib64",
    "/nix/store",
    "/etc/ld.so.cache",
    "/etc/alternatives",
    "/dev/null",
    "/sys/devices/system/cpu",
];
/// Files that FFmpeg has open: three pipes, and its libraries while it starts.
const MAX_FILES: u64 = 64;
/// The newest rules that are asked for; older kernels keep those they know.
const RULES: ABI = ABI::V6;

/// Said on standard error when the kernel has no rules for files and network.
pub const UNCONFINED: &str = "revenge: this kernel lacks Landlock; FFmpeg could open files";

/// What is to be confined.
#[derive(Debug)]
pub struct Confinement {
    /// Virtual memory in bytes.
    pub address_space: u64,
    /// Seconds of processor time.
    pub cpu_seconds: u64,
    /// How far it stands back behind everything else, 0 to 19.
    pub niceness: u8,
    /// Who must be alive.
    pub parent: i32,
    /// What to become.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
}

/// The words that make a program of ours call [`become_confined`].
pub(super) fn words(program: &Path, args: &[OsString], limits: Limits) -> Vec<OsString> {
    let mut words: Vec<OsString> = vec!["confine".into()];
    words.extend(["--memory".into(), limits.address_space.to_string().into()]);
    words.extend(["--cpu-seconds".into(), limits.cpu_seconds.to_string().into()]);
    words.extend(["--niceness".into(), limits.niceness.to_string().into()]);
    words.extend(["--parent".into(), std::process::id().to_string().into()]);
    words.extend(["--".into(), program.into()]);
    words.extend(args.iter().cloned());
    words
}

/// Confines this process and becomes the program. Returns only if that fails.
#[expect(clippy::disallowed_methods, reason = "this is the place that confines child processes")]
pub fn become_confined(confinement: &Confinement) -> io::Error {
    if let Err(error) = confine(confinement) {
        return error;
    }
    Command::new(&confinement.program).args(&confinement.args).exec()
}

fn confine(confinement: &Confinement) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // It may have died before it could be asked for.
    if getppid().map(Pid::as_raw_nonzero).is_none_or(|it| it.get() != confinement.parent) {
        return Err(io::Error::other("the server is gone"));
    }
    if !restrict(&confinement.program).map_err(io::Error::other)? {
        eprintln!("{UNCONFINED}");
    }
    // The server does without them; encoders are faster with them.
    let _ = disable_transparent_huge_pages(false);
    if confinement.niceness > 0 {
        setpriority_process(None, confinement.niceness.into())?;
    }
    let limit = |value| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::Fsize, limit(0))?;
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Nofile, limit(MAX_FILES))?;
    setrlimit(Resource::Cpu, limit(confinement.cpu_seconds))?;
    setrlimit(Resource::As, limit(confinement.address_space))?;
    Ok(())
}

/// Only the system's programs and libraries may be read and started, nothing written, nobody called. Says whether the
/// kernel enforces anything of it.
fn restrict(program: &Path) -> Result<bool, landlock::RulesetError> {
    let beside = program.parent().unwrap_or(program);
    let readable = SYSTEM.iter().map(Path::new).chain([beside]).filter(|it| it.exists());
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))?
        .create()?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(RULES)))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}
