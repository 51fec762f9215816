//! Versions of one film or episode.

use std::collections::HashMap;

use super::{Candidate, CandidateFile, FileRole, Listed};

impl Candidate {
    /// Two files of it are versions unless they are parts; gives each version a name of its own for a person to choose by.
    pub fn tell_versions_apart(&mut self, listed: &[Listed<'_>]) {
        let is_main = |it: &&mut CandidateFile| it.role == FileRole::Main;
        let mut names: HashMap<(Option<String>, Option<i16>), usize> = HashMap::new();
        for file in self.files.iter_mut().filter(is_main) {
            *names.entry((file.version.clone(), file.part)).or_default() += 1;
        }
        for file in self.files.iter_mut().filter(is_main) {
            if names[&(file.version.clone(), file.part)] > 1 {
                let listed = &listed[file.position];
                let resolution = listed.parsed.resolution.map(str::to_owned);
                let told =
                    resolution.filter(|it| !names.contains_key(&(Some(it.clone()), file.part)));
                let told = told.unwrap_or_else(|| listed.stem().to_owned());
                names.insert((Some(told.clone()), file.part), 1);
                file.version = Some(told);
            }
        }
    }
}
