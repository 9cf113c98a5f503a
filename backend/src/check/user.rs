//! Who runs this program, and which groups there are.

use std::fs;

/// The user of this process.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct User {
    /// Its effective number.
    pub(super) id: u32,
    /// Its name, where the password file has it.
    pub(super) name: Option<String>,
    /// The numbers of the groups this process is in.
    groups: Vec<u32>,
}

/// A group as group(5) has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    id: u32,
    members: Vec<String>,
}

/// How a user stands to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Membership {
    /// This process is in it.
    Member,
    /// The user is in it, but was not yet at its last login.
    AfterLogin,
    /// The user is not in it.
    Stranger,
    /// There is no such group.
    NoGroup,
}

impl User {
    /// This process's. Reads files.
    pub(super) fn of_this_process() -> Self {
        let text = |path| fs::read_to_string(path).unwrap_or_default();
        Self::of(&text("/proc/self/status"), &text("/etc/passwd"))
    }

    /// From proc(5)'s status and passwd(5).
    fn of(status: &str, passwd: &str) -> Self {
        let numbers = |field: &str| -> Vec<u32> {
            status
                .lines()
                .find_map(|line| line.strip_prefix(field)?.strip_prefix(':'))
                .unwrap_or_default()
                .split_whitespace()
                .filter_map(|word| word.parse().ok())
                .collect()
        };
        // Real, effective, saved, and the file system's.
        let effective = |field: &str| numbers(field).get(1).copied();
        // The last of numbers is nobody's.
        let id = effective("Uid").unwrap_or(u32::MAX);
        let mut groups = numbers("Groups");
        groups.extend(effective("Gid"));
        let name = passwd.lines().find_map(|line| {
            let mut fields = line.split(':');
            let name = fields.next()?;
            (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
        });
        Self { id, name, groups }
    }

    pub(super) fn is_root(&self) -> bool {
        self.id == 0
    }

    /// How it stands to the group called `name`, given the contents of group(5).
    pub(super) fn membership(&self, groups: &str, name: &str) -> Membership {
        let Some(group) = Group::named(groups, name) else {
            return Membership::NoGroup;
        };
        if self.groups.contains(&group.id) {
            Membership::Member
        } else if self
            .name
            .as_ref()
            .is_some_and(|name| group.members.contains(name))
        {
            Membership::AfterLogin
        } else {
            Membership::Stranger
        }
    }

    /// Its name as a shell takes it.
    pub(super) fn for_shell(&self) -> String {
        self.name
            .as_deref()
            .map_or_else(|| String::from("\"$USER\""), super::shell::quoted)
    }
}

impl Group {
    fn named(groups: &str, wanted: &str) -> Option<Self> {
        groups.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next()? != wanted {
                return None;
            }
            Some(Self {
                id: fields.nth(1)?.parse().ok()?,
                members: fields
                    .next()
                    .unwrap_or_default()
                    .split(',')
                    .map(|member| member.trim().to_owned())
                    .collect(),
            })
        })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::check) const GROUPS: &str =
        "root:x:0:\nkvm:x:107:\nlibvirt:x:110:ann,ben\nann:x:1000:\n";

    /// An ordinary user called `name`, in these groups.
    pub(in crate::check) fn user(name: &str, groups: &[u32]) -> User {
        User {
            id: 1000,
            name: Some(name.to_owned()),
            groups: groups.to_vec(),
        }
    }

    #[test]
    fn a_process_tells_who_runs_it() {
        let status = "Name:\tx\nUid:\t0\t1000\t0\t0\nGid:\t5\t1000\t5\t5\nGroups:\t27 110 \n";
        let passwd = "root:x:0:0:root:/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n";
        let user = User::of(status, passwd);
        assert_eq!(user.name.as_deref(), Some("ann"));
        assert_eq!(user.groups, [27, 110, 1000]);
        assert!(!user.is_root());
        assert!(!User::of("", "").is_root());
        let here = User::of_this_process();
        assert!(here.id != u32::MAX, "{here:?}");
    }

    #[test]
    fn membership_counts_from_the_last_login() {
        let of = |name, groups: &[u32]| user(name, groups).membership(GROUPS, "libvirt");
        assert_eq!(of("ann", &[110]), Membership::Member);
        assert_eq!(of("ann", &[1000]), Membership::AfterLogin);
        assert_eq!(of("joe", &[1000]), Membership::Stranger);
        let none = user("ann", &[]).membership("", "libvirt");
        assert_eq!(none, Membership::NoGroup);
    }
}
