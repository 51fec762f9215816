//! Under which user PostgreSQL runs: it refuses to run as root, and we do not ask for a system user to be made.

use std::ffi::CString;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Gid, Uid};
use rustix::thread::UnshareFlags;
use tokio::process::Command;

use super::binaries::Binaries;
use super::command;
use crate::{Error, Result};

/// The id shown inside a namespace: `nobody`, which every system can name (initdb looks the name up).
const INSIDE: u32 = 65534;

/// How the programs lose what they must not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Identity {
    /// As ourselves: an ordinary user.
    Ourselves,
    /// In a user namespace that knows one user only: on disk everything stays ours.
    Namespace,
    /// As another user, to whom the folder is given.
    User(Uid, Gid),
}

impl Identity {
    /// Chooses for a cluster that belongs to `owner` (`None`: it is still to be made).
    pub async fn choose(folder: &Path, owner: Option<u32>, binaries: &Binaries) -> Result<Self> {
        let we = rustix::process::geteuid().as_raw();
        let named = user_of(|_, uid| uid == we).is_some();
        match decide(we, owner, named) {
            Plan::Ourselves => Ok(Self::Ourselves),
            Plan::Owner(uid) => {
                Ok(user_of(|_, it| it == uid).unwrap_or(Self::User(id(uid), gid(uid))))
            }
            Plan::Refused(owner) => Err(Error::Owner { folder: folder.to_owned(), owner, we }),
            Plan::Confined => {
                if Self::Namespace.works(binaries).await {
                    return Ok(Self::Namespace);
                }
                if we != 0 {
                    return Err(Error::Program {
                        program: "initdb",
                        output: format!(
                            "user id {we} has no name in /etc/passwd; add a line for it"
                        ),
                    });
                }
                user_of(|name, _| name == "postgres")
                    .or_else(|| user_of(|name, _| name == "nobody"))
                    .ok_or_else(|| Error::Program {
                        program: "initdb",
                        output:
                            "started as root, but there is no user postgres or nobody to run as"
                                .to_owned(),
                    })
            }
        }
    }

    /// Whether the kernel (and a container's rules) let us do it.
    async fn works(self, binaries: &Binaries) -> bool {
        let mut trial = command(&binaries.program("postgres"));
        trial.arg("--version");
        self.confine(&mut trial);
        trial.output().await.is_ok_and(|output| output.status.success())
    }

    /// Makes `command` run under this identity, in a session of its own so that our terminal's Ctrl-C does not reach it.
    pub(super) fn confine(self, command: &mut Command) {
        let maps = Maps::new();
        let enter = move || -> io::Result<()> {
            rustix::process::setsid()?;
            match self {
                Self::Ourselves => {}
                Self::Namespace => maps.enter()?,
                Self::User(uid, gid) => {
                    rustix::thread::set_thread_groups(&[gid])?;
                    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
                    rustix::thread::set_thread_res_uid(uid, uid, uid)?;
                }
            }
            Ok(())
        };
        // SAFETY: runs in the forked child before exec, which has one thread; only system calls on memory prepared here.
        unsafe { command.pre_exec(enter) };
    }

    /// Gives `path` and all below it to the user who will work on it.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        let Self::User(uid, gid) = self else { return Ok(()) };
        std::os::unix::fs::chown(path, Some(uid.as_raw()), Some(gid.as_raw()))
            .map_err(|error| Error::files("change the owner of", path, error))?;
        let is_folder = path.symlink_metadata().is_ok_and(|it| it.is_dir());
        if is_folder {
            let entries =
                std::fs::read_dir(path).map_err(|error| Error::files("read", path, error))?;
            for entry in entries.flatten() {
                self.own(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether the user gets to `folder` at all: every folder above must let them through.
    pub(super) fn must_reach(self, folder: &Path) -> Result<()> {
        let Self::User(uid, gid) = self else { return Ok(()) };
        for above in folder.ancestors().skip(1) {
            let Ok(seen) = above.metadata() else { continue };
            let open = match seen.mode() {
                mode if seen.uid() == uid.as_raw() => mode & 0o100,
                mode if seen.gid() == gid.as_raw() => mode & 0o010,
                mode => mode & 0o001,
            };
            if open == 0 {
                return Err(Error::Unreachable { folder: above.to_owned(), user: uid.as_raw() });
            }
        }
        Ok(())
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Plan {
    Ourselves,
    Confined,
    Owner(u32),
    Refused(u32),
}

/// `named`: whether our user id has a name, without which initdb gives up.
fn decide(we: u32, owner: Option<u32>, named: bool) -> Plan {
    match owner {
        Some(owner) if owner != we && we == 0 => Plan::Owner(owner),
        Some(owner) if owner != we => Plan::Refused(owner),
        _ if we == 0 => Plan::Confined,
        Some(_) => Plan::Ourselves,
        None if named => Plan::Ourselves,
        None => Plan::Confined,
    }
}

/// What is written into `/proc/self` to make a namespace of one user; prepared before the fork, where allocating is safe.
struct Maps {
    uid: CString,
    gid: CString,
}

impl Maps {
    fn new() -> Self {
        let map = |id: u32| CString::new(format!("{INSIDE} {id} 1")).unwrap_or_default();
        Self {
            uid: map(rustix::process::geteuid().as_raw()),
            gid: map(rustix::process::getegid().as_raw()),
        }
    }

    fn enter(&self) -> io::Result<()> {
        // SAFETY: the child shares no memory with other threads, so nobody is surprised by the new user.
        unsafe { rustix::thread::unshare_unsafe(UnshareFlags::NEWUSER)? };
        write(c"/proc/self/setgroups", b"deny")?;
        write(c"/proc/self/gid_map", self.gid.as_bytes())?;
        write(c"/proc/self/uid_map", self.uid.as_bytes())?;
        rustix::thread::set_thread_res_gid(gid(INSIDE), gid(INSIDE), gid(INSIDE))?;
        rustix::thread::set_thread_res_uid(id(INSIDE), id(INSIDE), id(INSIDE))?;
        Ok(())
    }
}

fn write(path: &std::ffi::CStr, text: &[u8]) -> io::Result<()> {
    let file = rustix::fs::open(path, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
    rustix::io::write(&file, text)?;
    Ok(())
}

fn id(raw: u32) -> Uid {
    Uid::from_raw(raw)
}

fn gid(raw: u32) -> Gid {
    Gid::from_raw(raw)
}

/// The first user of `/etc/passwd` that `fits` by name or id.
fn user_of(fits: impl Fn(&str, u32) -> bool) -> Option<Identity> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let user = fields.nth(1)?.parse().ok()?;
        let group = fields.next()?.parse().ok()?;
        fits(name, user).then(|| Identity::User(id(user), gid(group)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_runs_it_follows_from_who_we_are_and_whose_it_is() {
        for (we, owner, named, plan) in [
            (1000, None, true, Plan::Ourselves),
            (1000, Some(1000), true, Plan::Ourselves),
            // A container started with a bare user id.
            (1000, None, false, Plan::Confined),
            (1000, Some(1000), false, Plan::Ourselves),
            (1000, Some(0), true, Plan::Refused(0)),
            (1000, Some(1001), true, Plan::Refused(1001)),
            (0, None, true, Plan::Confined),
            (0, Some(0), true, Plan::Confined),
            (0, Some(1000), true, Plan::Owner(1000)),
        ] {
            assert_eq!(decide(we, owner, named), plan, "{we} {owner:?} {named}");
        }
    }
}
