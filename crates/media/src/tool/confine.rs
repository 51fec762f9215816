//! What a child does to itself before it becomes FFmpeg: limits, a death with its parent, and no way to files or the
//! network. Only the program that is about to be replaced can do this without `unsafe`.

mod sockets;

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Write as _};
use std::os::fd::{AsRawFd as _, IntoRawFd as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::{FdFlags, fcntl_dupfd_cloexec, fcntl_setfd, read, retry_on_intr};
use rustix::process::{
    Pid, Resource, Rlimit, Signal, getppid, set_parent_process_death_signal, setpriority_process,
    setrlimit,
};
use rustix::thread::disable_transparent_huge_pages;

use super::{Confined, Limits};

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
/// What a driver has open beside them: devices, its own libraries, descriptions of both.
const MAX_DRIVER_FILES: u64 = 512;
/// What a driver keeps in files without a name, which are memory: rings, and programs for the device.
const DRIVER_FILE_BYTES: u64 = 1 << 30;
/// Drivers reserve addresses for all memory of the device and the machine, whether they use them or not.
const DRIVER_ADDRESS_SPACE: u64 = 1 << 42;
/// What drivers read of the devices they drive, which there are and how they are connected, and of their own process.
const DEVICES: [&str; 8] = [
    "/sys/dev/char",
    "/sys/devices",
    "/sys/bus/pci",
    "/sys/class",
    "/sys/module",
    "/proc/driver/nvidia",
    "/proc/devices",
    "/proc/self",
];
/// The newest rules that are asked for; older kernels keep those they know.
const RULES: ABI = ABI::V6;

/// Said on standard error when the kernel has no rules for files and network.
pub const UNCONFINED: &str = "revenge: this kernel lacks Landlock; FFmpeg could open files";

/// Said on standard error when the kernel does not filter system calls.
pub const UNFILTERED: &str =
    "revenge: this kernel filters no system calls; FFmpeg could reach the network";

/// What a child that was confined as far as that goes is lacking, by what it said.
pub fn lacking(said: &str) -> impl Iterator<Item = &'static str> {
    [UNCONFINED, UNFILTERED].into_iter().filter(|it| said.contains(it))
}

/// The number of the open file in which the head of the input is held.
pub const HELD: i32 = 40;

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
    /// Device nodes, and folders of such, that it may use.
    pub devices: Vec<PathBuf>,
    /// So many bytes at the head of its input become the open file [`HELD`].
    pub held_bytes: u64,
}

/// The words that make a program of ours call [`become_confined`].
pub(super) fn words(confined: &Confined, args: &[OsString], limits: Limits) -> Vec<OsString> {
    let Confined { program, devices, held_bytes, .. } = confined;
    let mut words: Vec<OsString> = vec!["confine".into()];
    words.extend(["--memory".into(), limits.address_space.to_string().into()]);
    words.extend(["--cpu-seconds".into(), limits.cpu_seconds.to_string().into()]);
    words.extend(["--niceness".into(), limits.niceness.to_string().into()]);
    words.extend(["--parent".into(), std::process::id().to_string().into()]);
    if *held_bytes > 0 {
        words.extend(["--held-bytes".into(), held_bytes.to_string().into()]);
    }
    for device in devices {
        words.extend(["--device".into(), device.into()]);
    }
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
    // Before it may write no files, of which this is one for the kernel.
    if confinement.held_bytes > 0 {
        hold(confinement.held_bytes)?;
    }
    if !restrict(confinement).map_err(io::Error::other)? {
        eprintln!("{UNCONFINED}");
    }
    let has_driver = !confinement.devices.is_empty();
    if let Err(error) = sockets::close(has_driver) {
        eprintln!("{UNFILTERED} ({error})");
    }
    // The server does without them; encoders are faster with them.
    let _ = disable_transparent_huge_pages(false);
    if confinement.niceness > 0 {
        setpriority_process(None, confinement.niceness.into())?;
    }
    let (file_bytes, n_files, address_space) = if has_driver {
        (DRIVER_FILE_BYTES, MAX_DRIVER_FILES, DRIVER_ADDRESS_SPACE)
    } else {
        (0, MAX_FILES, confinement.address_space)
    };
    let limit = |value| Rlimit { current: Some(value), maximum: Some(value) };
    setrlimit(Resource::Fsize, limit(file_bytes))?;
    setrlimit(Resource::Core, limit(0))?;
    setrlimit(Resource::Nofile, limit(n_files))?;
    setrlimit(Resource::Cpu, limit(confinement.cpu_seconds))?;
    setrlimit(Resource::As, limit(address_space))?;
    Ok(())
}

/// Reads the head of the input into a file that is memory, has no name and never changes, and leaves it open for the program.
/// Landlock knows no path to it, and therefore does not forbid to read it.
fn hold(n_bytes: u64) -> io::Result<()> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let mut held = File::from(memfd_create("held", flags)?);
    let input = io::stdin();
    let mut buffer = vec![0; 64 << 10];
    let mut left = n_bytes;
    while left > 0 {
        // Not a byte more, and nothing kept back: what follows is the program's.
        let most = usize::try_from(left).map_or(buffer.len(), |it| it.min(buffer.len()));
        let n = retry_on_intr(|| read(&input, &mut buffer[..most]))?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        held.write_all(&buffer[..n])?;
        left -= n as u64;
    }
    fcntl_add_seals(
        &held,
        SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE,
    )?;
    let kept = fcntl_dupfd_cloexec(&held, HELD)?;
    if kept.as_raw_fd() != HELD {
        return Err(io::Error::other("somebody else has that number"));
    }
    fcntl_setfd(&kept, FdFlags::empty())?;
    // Open until the program ends.
    let _ = kept.into_raw_fd();
    Ok(())
}

/// Only the system's programs and libraries may be read and started, nothing written but to the devices that are named,
/// nobody called. Says whether the kernel enforces anything of it.
fn restrict(confinement: &Confinement) -> Result<bool, landlock::RulesetError> {
    let Confinement { program, devices, .. } = confinement;
    let beside = program.parent().unwrap_or(program);
    let described = DEVICES.iter().filter(|_| !devices.is_empty());
    let readable = SYSTEM.iter().chain(described).map(Path::new).chain([beside]);
    let readable = readable.filter(|it| it.exists());
    let used = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::ReadDir | AccessFs::IoctlDev;
    let (folders, nodes): (Vec<&PathBuf>, Vec<&PathBuf>) =
        devices.iter().filter(|it| it.exists()).partition(|it| it.is_dir());
    let holders = nodes.iter().filter_map(|it| it.parent());
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))?
        .create()?
        .add_rules(path_beneath_rules(readable, AccessFs::from_read(RULES)))?
        .add_rules(path_beneath_rules(&folders, used))?
        .add_rules(path_beneath_rules(&nodes, used & AccessFs::from_file(RULES)))?
        // Which devices there are is looked up beside them.
        .add_rules(path_beneath_rules(holders, AccessFs::ReadDir))?
        .restrict_self()?;
    Ok(status.ruleset != RulesetStatus::NotEnforced)
}
