//! No way to the network, by a filter of system calls: it knows every family of addresses, and kernels have had it for longer
//! than anybody runs them (seccomp(2), Linux 3.17). What Landlock has for it are TCP's ports, since Linux 6.7.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, apply_filter,
};

/// The same calls in programs for x86-64 that use short pointers, which a filter for x86-64 is asked about, too.
const SHORT_POINTERS: i64 = 0x4000_0000;

/// From here on this process, and what it becomes, opens no sockets. A driver that asks its kernel, or a program beside it,
/// for a device does so by sockets that lead no further than this machine: those are left to it.
pub(super) fn close(has_driver: bool) -> Result<(), seccompiler::Error> {
    apply_filter(&filter(has_driver)?)
}

fn filter(has_driver: bool) -> Result<BpfProgram, seccompiler::BackendError> {
    let local = [libc::AF_UNIX, libc::AF_NETLINK];
    let is_other = |family: &i32| {
        let family = u64::from(family.unsigned_abs());
        // Who makes a socket says of which family by the first word.
        SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, family)
    };
    let others = || -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
        if !has_driver {
            // All of them.
            return Ok(Vec::new());
        }
        let conditions = local.iter().map(is_other).collect::<Result<_, _>>()?;
        Ok(vec![SeccompRule::new(conditions)?])
    };
    let mut rules = BTreeMap::new();
    for of_pointers in [0, SHORT_POINTERS] {
        rules.insert(libc::SYS_socket | of_pointers, others()?);
        // The other way to a socket, which no filter looks into.
        rules.insert(libc::SYS_io_uring_setup | of_pointers, Vec::new());
    }
    let refused = SeccompAction::Errno(libc::EACCES.unsigned_abs());
    let arch = std::env::consts::ARCH.try_into()?;
    // A program for another processor, whose calls have other numbers, is ended.
    SeccompFilter::new(rules, SeccompAction::Allow, refused, arch)?.try_into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_filter_for_this_machine() {
        let (all, others) = (filter(false).expect("a filter"), filter(true).expect("a filter"));
        assert!(all.len() < others.len(), "who may have some sockets is asked which");
    }
}
