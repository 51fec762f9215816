//! Device nodes of the machine.

use std::path::{Path, PathBuf};

use media::transcode::{FIRST_RENDER_NODE, Hardware, Node};

/// More cards than this are not tried.
const MAX_NODES: usize = 8;

/// Those there are.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Nodes {
    /// Numbers of render nodes, ascending.
    render: Vec<u16>,
    has_nvidia: bool,
    has_video: bool,
    kernel: String,
}

impl Nodes {
    /// Looks at this machine.
    pub fn look() -> Self {
        let kernel = rustix::system::uname().release().to_string_lossy().into_owned();
        Self { kernel, ..Self::below(Path::new("/dev")) }
    }

    fn below(folder: &Path) -> Self {
        let names = |folder: &Path| -> Vec<String> {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.filter_map(|it| it.file_name().into_string().ok()).collect()
        };
        let mut render: Vec<u16> = names(&folder.join("dri"))
            .iter()
            .filter_map(|it| it.strip_prefix("renderD")?.parse().ok())
            .collect();
        render.sort_unstable();
        render.truncate(MAX_NODES);
        let names = names(folder);
        let numbered = |kind: &str| {
            let number = |it: &String| it.strip_prefix(kind).and_then(|it| it.parse::<u16>().ok());
            names.iter().any(|it| number(it).is_some())
        };
        Self {
            render,
            has_nvidia: numbered("nvidia"),
            has_video: numbered("video"),
            kernel: String::new(),
        }
    }

    /// What a trial's outcome hangs on.
    pub fn name(&self) -> String {
        format!("{:?}-{}-{}-{}", self.render, self.has_nvidia, self.has_video, self.kernel)
    }

    /// Whether there is a graphics card.
    pub fn has_graphics(&self) -> bool {
        !self.render.is_empty() || self.has_nvidia
    }

    /// The numbers of the render nodes to try hardware on; one where it has no such number, none where nothing is there.
    pub fn of(&self, hardware: Hardware) -> Vec<u16> {
        let one = |is_there: bool| if is_there { vec![FIRST_RENDER_NODE] } else { Vec::new() };
        match hardware.node(FIRST_RENDER_NODE) {
            Node::Render(_) => self.render.clone(),
            Node::Nvidia => one(self.has_nvidia),
            Node::Video => one(self.has_video),
        }
    }
}

/// What a program may use that works with the device.
pub(super) fn paths(node: Node) -> Vec<PathBuf> {
    let numbered = |kind: &str| {
        let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
        let is_it = |it: &PathBuf| {
            it.file_name().and_then(|it| it.to_str()).is_some_and(|it| it.starts_with(kind))
        };
        entries.map(|it| it.path()).filter(is_it).collect()
    };
    match node {
        Node::Render(number) => vec![format!("/dev/dri/renderD{number}").into()],
        Node::Nvidia => numbered("nvidia"),
        Node::Video => numbered("video"),
    }
}

/// The same for all graphics cards.
pub(super) fn graphics() -> Vec<PathBuf> {
    let dri = PathBuf::from("/dev/dri");
    let dri = dri.exists().then_some(dri);
    dri.into_iter().chain(paths(Node::Nvidia)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_are_found_by_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let nothing = Nodes::below(folder.path());
        assert_eq!(nothing, Nodes::default());
        assert!(nothing.of(Hardware::Vaapi).is_empty());
        std::fs::create_dir(folder.path().join("dri")).expect("a folder");
        for name in ["dri/renderD129", "dri/renderD128", "dri/card0", "nvidiactl", "video10"] {
            std::fs::write(folder.path().join(name), "").expect("a node");
        }
        let found = Nodes::below(folder.path());
        assert_eq!(found.of(Hardware::Vaapi), [128, 129]);
        assert!(found.of(Hardware::Nvenc).is_empty(), "no card");
        assert_eq!(found.of(Hardware::V4l2), [128]);
        assert_ne!(found.name(), nothing.name());
    }
}
