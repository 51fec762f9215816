//! What people may do: the one list of permissions, and the roles that are built of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use Permission::{
    Administer, Adult, Browse, ChangePassword, ControlPlaying, Download, EditImages, EditMetadata,
    Invite, ManageJobs, ManageLibraries, ManagePeople, ManageProviders, ManageRequests,
    Personalize, Play, Request, ScanLibraries, SeeAudit, SeePlaying, SeeSystem, Transcode,
    UseApiKeys, WatchTogether,
};

/// One thing a person may be allowed to do. `docs/permissions.md` says what each is about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Everything on this list, and composing roles.
    Administer,
    /// See and search what one's libraries hold. Every role has it.
    Browse,
    /// Play, and have the position kept.
    Play,
    /// Have films made anew for a device that does not play them as they are.
    Transcode,
    /// Keep copies of files on one's own device; needs `play`.
    Download,
    /// Watch together with others.
    WatchTogether,
    /// Keep favourites and playlists, mark what was watched, say which languages one likes and where one is told of news.
    Personalize,
    /// Look for films and series that are not here, and ask for them.
    Request,
    /// Change one's own password.
    ChangePassword,
    /// Make API keys for programs that act in one's name.
    UseApiKeys,
    /// Invite people by a link.
    Invite,
    /// See who has an account; make, change and delete those that may do no more than oneself.
    ManagePeople,
    /// See what others play.
    SeePlaying,
    /// Stop what others play; needs `see_playing` to find it.
    ControlPlaying,
    /// Have libraries scanned, and see what could not be read.
    ScanLibraries,
    /// Make, change and delete libraries, see the server's folders, and set up webhooks.
    ManageLibraries,
    /// Say what items are and what is said of them; see where their files lie.
    EditMetadata,
    /// Choose, add and delete pictures.
    EditImages,
    /// Say which sources describe items, with their keys.
    ManageProviders,
    /// See background work, stop it and have it tried again.
    ManageJobs,
    /// See what people ask for, and answer.
    ManageRequests,
    /// See who did what: sign-ins, changes of accounts and settings.
    SeeAudit,
    /// See how the server is doing.
    SeeSystem,
    /// Enter the adult area, where the owner switched it on.
    Adult,
}

impl Permission {
    /// All of them, in the order in which people are shown them.
    pub const ALL: [Self; 24] = [
        Browse,
        Play,
        Transcode,
        Download,
        WatchTogether,
        Personalize,
        Request,
        ChangePassword,
        UseApiKeys,
        Invite,
        ManagePeople,
        SeePlaying,
        ControlPlaying,
        ScanLibraries,
        ManageLibraries,
        EditMetadata,
        EditImages,
        ManageProviders,
        ManageJobs,
        ManageRequests,
        SeeAudit,
        SeeSystem,
        Adult,
        Administer,
    ];

    /// Its name in the API, in the database and in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Administer => "administer",
            Browse => "browse",
            Play => "play",
            Transcode => "transcode",
            Download => "download",
            WatchTogether => "watch_together",
            Personalize => "personalize",
            Request => "request",
            ChangePassword => "change_password",
            UseApiKeys => "use_api_keys",
            Invite => "invite",
            ManagePeople => "manage_people",
            SeePlaying => "see_playing",
            ControlPlaying => "control_playing",
            ScanLibraries => "scan_libraries",
            ManageLibraries => "manage_libraries",
            EditMetadata => "edit_metadata",
            EditImages => "edit_images",
            ManageProviders => "manage_providers",
            ManageJobs => "manage_jobs",
            ManageRequests => "manage_requests",
            SeeAudit => "see_audit",
            SeeSystem => "see_system",
            Adult => "adult",
        }
    }

    /// What it is for, in a sentence.
    pub const fn about(self) -> &'static str {
        match self {
            Administer => "Everything on this list, and composing roles.",
            Browse => "See and search what one's libraries hold. Every role has it.",
            Play => "Play, and have the position kept.",
            Transcode => "Have films made anew for a device that does not play them as they are.",
            Download => "Keep copies of files on one's own device; needs `play`.",
            WatchTogether => "Watch together with others.",
            Personalize => {
                "Keep favourites and playlists, mark what was watched, say which languages one likes and where one is told of news."
            }
            Request => "Look for films and series that are not here, and ask for them.",
            ChangePassword => "Change one's own password.",
            UseApiKeys => "Make API keys for programs that act in one's name.",
            Invite => "Invite people by a link.",
            ManagePeople => {
                "See who has an account; make, change and delete those that may do no more than oneself."
            }
            SeePlaying => "See what others play.",
            ControlPlaying => "Stop what others play; needs `see_playing` to find it.",
            ScanLibraries => "Have libraries scanned, and see what could not be read.",
            ManageLibraries => {
                "Make, change and delete libraries, see the server's folders, and set up webhooks."
            }
            EditMetadata => {
                "Say what items are and what is said of them; see where their files lie."
            }
            EditImages => "Choose, add and delete pictures.",
            ManageProviders => "Say which sources describe items, with their keys.",
            ManageJobs => "See background work, stop it and have it tried again.",
            ManageRequests => "See what people ask for, and answer.",
            SeeAudit => "See who did what: sign-ins, changes of accounts and settings.",
            SeeSystem => "See how the server is doing.",
            Adult => "Enter the adult area, where the owner switched it on.",
        }
    }

    /// What somebody without it is told: completes "you may not ...".
    pub const fn verb(self) -> &'static str {
        match self {
            Administer => "administer this server",
            Browse => "see what the libraries hold",
            Play => "play anything",
            Transcode => "have films converted",
            Download => "download files",
            WatchTogether => "watch together with others",
            Personalize => "keep favourites or mark what was watched",
            Request => "ask for films or series",
            ChangePassword => "change this password; ask whoever looks after accounts",
            UseApiKeys => "use API keys",
            Invite => "invite people",
            ManagePeople => "look after accounts",
            SeePlaying => "see what others play",
            ControlPlaying => "stop what others play",
            ScanLibraries => "have libraries scanned",
            ManageLibraries => "manage libraries",
            EditMetadata => "edit items",
            EditImages => "choose pictures",
            ManageProviders => "manage providers",
            ManageJobs => "manage background work",
            ManageRequests => "answer what people ask for",
            SeeAudit => "see who did what",
            SeeSystem => "see how the server is doing",
            Adult => "enter this area",
        }
    }

    /// The permission of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A role that every server has and nobody can change.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInRole {
    /// May do everything.
    Admin,
    /// Looks after people and what the libraries say, not after the server itself.
    Manager,
    /// Watches, with everything that is one's own.
    Member,
    /// Watches; password and programs are the business of those who look after the account.
    Child,
    /// Watches, on an account that several people may share.
    Guest,
}

impl BuiltInRole {
    /// All of them, the mightiest first.
    pub const ALL: [Self; 5] = [Self::Admin, Self::Manager, Self::Member, Self::Child, Self::Guest];

    /// Its name in the API, in the database and in the documentation.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Manager => "manager",
            Self::Member => "member",
            Self::Child => "child",
            Self::Guest => "guest",
        }
    }

    /// The role of this name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// What it allows.
    pub const fn permissions(self) -> &'static [Permission] {
        match self {
            Self::Admin => &Permission::ALL,
            Self::Manager => &[
                Browse,
                Play,
                Transcode,
                Download,
                WatchTogether,
                Personalize,
                Request,
                ChangePassword,
                UseApiKeys,
                Invite,
                ManagePeople,
                SeePlaying,
                ControlPlaying,
                ScanLibraries,
                EditMetadata,
                EditImages,
                ManageJobs,
                ManageRequests,
            ],
            Self::Member => &[
                Browse,
                Play,
                Transcode,
                Download,
                WatchTogether,
                Personalize,
                Request,
                ChangePassword,
                UseApiKeys,
            ],
            Self::Child => &[Browse, Play, Transcode, WatchTogether, Personalize, Request],
            Self::Guest => &[Browse, Play, Transcode],
        }
    }
}

/// What a set of permissions comes to: sorted, each once, with what everybody has, and everything where it is everything.
pub fn completed(permissions: impl IntoIterator<Item = Permission>) -> Vec<Permission> {
    let mut all: Vec<_> = permissions.into_iter().chain([Browse]).collect();
    if all.contains(&Administer) {
        all = Permission::ALL.to_vec();
    }
    all.sort_unstable();
    all.dedup();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_permission_has_one_name_and_is_found_by_it() {
        for permission in Permission::ALL {
            assert_eq!(Permission::parse(permission.name()), Some(permission));
            let written = serde_json::to_value(permission).expect("JSON");
            assert_eq!(written, permission.name());
        }
        assert_eq!(completed(Permission::ALL).len(), Permission::ALL.len(), "none twice");
        assert_eq!(Permission::parse("fly"), None);
        for role in BuiltInRole::ALL {
            assert_eq!(BuiltInRole::parse(role.name()), Some(role));
        }
    }

    #[test]
    fn every_role_sees_and_only_the_owner_may_do_everything() {
        assert_eq!(completed([]), [Browse]);
        assert_eq!(completed([Administer]), completed(Permission::ALL));
        for role in BuiltInRole::ALL {
            assert!(role.permissions().contains(&Browse), "{role:?}");
            assert_eq!(role.permissions().contains(&Administer), role == BuiltInRole::Admin);
        }
    }
}
