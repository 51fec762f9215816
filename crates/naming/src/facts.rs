//! From a reading to facts: release terms, ids, group; each with its span.

use std::ops::Range;

use crate::{
    lexicon::Term,
    name::Gap,
    parsed::{Fact, Parsed, Span},
    reading::Reading,
    recognise::{Mark, Numbering, Provider, Style, Tag},
    title,
};

/// What reposters put behind the group of a release.
const REPOSTERS: &[&str] = &[
    "postbot",
    "xpost",
    "rakuv",
    "rakuvfinhel",
    "obfuscated",
    "scrambled",
    "nzbgeek",
    "buymore",
    "asrequested",
    "whiterev",
];

impl Parsed {
    pub(crate) fn note(&mut self, fact: Fact, offset: usize, bytes: Range<usize>) {
        if !bytes.is_empty() {
            self.spans.push(Span { fact, bytes: offset + bytes.start..offset + bytes.end });
        }
    }
}

impl Reading<'_> {
    /// Adds what the marks say about the release, keeping what is known already.
    pub fn tell_release(&self, facts: &mut Parsed) {
        let mut editions: Vec<(&str, &Mark)> = Vec::new();
        for mark in &self.marks {
            match mark.tag {
                Tag::Term(Term::Edition(name), _) => editions.push((name, mark)),
                Tag::Term(term, _) => self.tell_term(term, mark, facts),
                Tag::Id(provider) => self.tell_id(provider, mark, facts),
                Tag::EditionText => {
                    let bytes = self.name.bytes(mark.from + 1, mark.to);
                    facts.edition = Some(self.name.text[bytes.clone()].to_owned());
                    facts.note(Fact::Edition, self.name.offset, bytes);
                }
                Tag::Version if facts.version.is_none() => {
                    facts.version = Some(self.name.word(mark.from).to_owned());
                    self.note(facts, Fact::Version, mark);
                }
                _ => {}
            }
        }
        if facts.edition.is_none() && !editions.is_empty() {
            let mut text = String::new();
            for (name, mark) in editions {
                if text.contains(name) {
                    continue;
                }
                if !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(name);
                self.note(facts, Fact::Edition, mark);
            }
            facts.edition = Some(text);
        }
        // "UHD BluRay" tells the height of the picture where nothing else does.
        let is_uhd = |it: &&Mark| {
            matches!(it.tag, Tag::Term(Term::Source(_), _))
                && matches!(
                    self.name.word(it.from),
                    "uhd" | "4k" | "ultra" | "uhdbd" | "uhdrip" | "uhdbdrip"
                )
        };
        if facts.resolution.is_none()
            && let Some(mark) = self.marks.iter().find(is_uhd)
        {
            facts.resolution = Some("2160p");
            self.note(facts, Fact::Resolution, mark);
        }
        self.tell_group(facts);
    }

    fn note(&self, facts: &mut Parsed, fact: Fact, mark: &Mark) {
        facts.note(fact, self.name.offset, self.name.bytes(mark.from, mark.to));
    }

    fn tell_term(&self, term: Term, mark: &Mark, facts: &mut Parsed) {
        let fact = match term {
            Term::Resolution(it) => {
                // "UHD BluRay 1080p" is one made from the other: the picture's height counts.
                let is_plain = self.name.word(mark.from).ends_with(['p', 'i']);
                if facts.resolution.is_some() && !is_plain {
                    return;
                }
                facts.resolution = Some(it);
                Fact::Resolution
            }
            Term::Source(it) => {
                let is_vague = matches!(facts.source, None | Some("WEB" | "DVD"));
                if !is_vague || facts.source == Some("WEB") && !it.starts_with("WEB") {
                    return;
                }
                facts.source = Some(it);
                Fact::Source
            }
            Term::Remux => {
                facts.remux = true;
                facts.source.get_or_insert("BluRay");
                Fact::Source
            }
            Term::Video(it) => {
                if facts.video_codec.is_some() {
                    return;
                }
                facts.video_codec = Some(it);
                Fact::VideoCodec
            }
            Term::Depth(it) => {
                facts.bit_depth = Some(it);
                return;
            }
            Term::Audio(it) => {
                if facts.audio_codec.is_some() {
                    return;
                }
                facts.audio_codec = Some(it);
                Fact::AudioCodec
            }
            Term::AudioWithChannels(codec, layout) => {
                if facts.audio_codec.is_some() {
                    return;
                }
                facts.audio_codec = Some(codec);
                facts.audio_channels = Some(layout);
                facts.atmos |= self.name.word(mark.from).starts_with("ddpa");
                self.note(facts, Fact::AudioChannels, mark);
                Fact::AudioCodec
            }
            Term::Channels(it) => {
                if facts.audio_channels.is_some() {
                    return;
                }
                facts.audio_channels = Some(it);
                Fact::AudioChannels
            }
            Term::Atmos => {
                facts.atmos = true;
                Fact::AudioCodec
            }
            Term::Hdr(it) => {
                facts.hdr = Some(more_telling_hdr(facts.hdr, it));
                Fact::Hdr
            }
            Term::ThreeD(it) => {
                if facts.three_d.is_none_or(|before| before == "3D") {
                    facts.three_d = Some(it);
                }
                Fact::ThreeD
            }
            Term::Language(it) => {
                if facts.language.is_some() {
                    return;
                }
                facts.language = Some(it);
                Fact::Language
            }
            Term::Service(it) => {
                if facts.service.is_some() {
                    return;
                }
                facts.service = Some(it);
                Fact::Service
            }
            Term::Proper => {
                facts.proper = true;
                Fact::Proper
            }
            Term::Edition(_) | Term::Noise => return,
        };
        self.note(facts, fact, mark);
    }

    fn tell_id(&self, provider: Provider, mark: &Mark, facts: &mut Parsed) {
        let slot = match provider {
            Provider::Imdb => &mut facts.ids.imdb,
            Provider::Tmdb => &mut facts.ids.tmdb,
            Provider::Tvdb => &mut facts.ids.tvdb,
            Provider::Tvmaze => &mut facts.ids.tvmaze,
            Provider::Anidb => &mut facts.ids.anidb,
            Provider::Anilist => &mut facts.ids.anilist,
            Provider::Mal => &mut facts.ids.mal,
        };
        if slot.is_none() {
            *slot = Some(self.name.word(mark.to - 1).to_owned());
            facts.note(Fact::Id, self.name.offset, self.name.bytes(mark.to - 1, mark.to));
        }
    }

    /// Adds season, episode and day. `season_known` is the season that the folder says.
    pub fn tell_numbers(&self, facts: &mut Parsed) {
        if let Some((date, tokens)) = &self.date {
            facts.date = Some(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day));
            facts.note(Fact::Date, self.name.offset, self.name.bytes(tokens.start, tokens.end));
        }
        let Some((numbers, tokens)) = &self.numbering else { return };
        let bytes = self.name.bytes(tokens.start, tokens.end);
        let Numbering {
            style,
            season,
            season_end,
            episode,
            episode_end,
            version,
            absolute,
            absolute_end,
            is_between,
            ..
        } = *numbers;
        if is_between {
            // "12.5" has no whole number of its own: a special.
            facts.season = Some(0);
            facts.episode_title = Some(self.name.text[bytes.clone()].to_owned());
            facts.note(Fact::EpisodeTitle, self.name.offset, bytes);
            return;
        }
        if let Some(season) = season {
            facts.season = Some(season);
            facts.season_end = season_end;
            if style != Style::Special {
                facts.note(Fact::Season, self.name.offset, bytes.clone());
            }
        }
        if episode.is_some() {
            facts.episode = episode;
            facts.episode_end = episode_end;
            facts.note(Fact::Episode, self.name.offset, bytes);
        }
        if absolute.is_some() {
            facts.absolute = absolute;
            facts.absolute_end = absolute_end;
            facts.note(Fact::Absolute, self.name.offset, self.name.bytes(tokens.start, tokens.end));
        }
        if let Some(version) = version {
            facts.version.get_or_insert_with(|| format!("v{version}"));
        }
    }

    fn tell_group(&self, facts: &mut Parsed) {
        let Some(bytes) = self.group(facts.has_release_facts()) else { return };
        let text = self.name.text[bytes.clone()].trim();
        if !text.is_empty() && facts.group.is_none() {
            facts.group = Some(text.to_owned());
            facts.note(Fact::Group, self.name.offset, bytes);
        }
    }

    fn group(&self, has_release_facts: bool) -> Option<Range<usize>> {
        let name = &self.name;
        let leading = self.leading_bracket.and_then(|it| name.brackets().get(it));
        if has_release_facts && let Some(found) = self.group_behind_hyphen() {
            return Some(found);
        }
        if let Some(leading) = leading {
            return Some(name.bytes(leading.from, leading.to));
        }
        if !has_release_facts {
            return None;
        }
        let is_marked = |i: usize| self.marks.iter().any(|it| (it.from..it.to).contains(&i));
        let last = name.len().checked_sub(1)?;
        if last < self.cut || is_marked(last) {
            return None;
        }
        if let Some(bracket) = name.bracket(last) {
            if bracket.to <= last || bracket.from <= self.cut && bracket.from == 0 {
                return None;
            }
            let unmarked_from =
                (bracket.from..bracket.to).rev().take_while(|it| !is_marked(*it)).last()?;
            // "[YTS.MX]" is one name; of "(1080p BluRay x265 Tigole)" only the last word is.
            if unmarked_from == bracket.from {
                return (bracket.sign == '[' && bracket.to - bracket.from <= 3)
                    .then(|| name.bytes(bracket.from, bracket.to));
            }
            return (unmarked_from == last).then(|| name.bytes(last, last + 1));
        }
        // "x264.YIFY": the word right behind the facts.
        let follows_facts = is_marked(last.checked_sub(1)?)
            && matches!(name.gap(last), Gap::Dot | Gap::Space | Gap::Underscore);
        let is_name = name.number(last).is_none() && name.word(last).len() >= 3;
        (follows_facts && is_name).then(|| name.bytes(last, last + 1))
    }

    /// "…x264-GROUP", also with a bracket of a site behind it.
    fn group_behind_hyphen(&self) -> Option<Range<usize>> {
        let name = &self.name;
        let first_fact = self.marks.iter().find(|it| matches!(it.tag, Tag::Term(..)))?.from;
        let outside_end = name
            .brackets()
            .iter()
            .rev()
            .find(|it| it.sign == '[' && it.to == name.len() && it.from > first_fact)
            .map_or(name.len(), |it| it.from);
        // "x264-D-Z0N3": the hyphen right behind the facts; else the last one.
        let is_marked = |i: usize| self.marks.iter().any(|it| (it.from..it.to).contains(&i));
        let hyphen = |end: usize| {
            let last = (first_fact + 1..end).rev().take(4);
            let last = last.clone().find(|it| name.gap(*it) == Gap::Hyphen)?;
            let before = last
                .checked_sub(1)
                .filter(|it| name.gap(*it) == Gap::Hyphen && !is_marked(*it) && is_marked(it - 1));
            Some(before.unwrap_or(last))
        };
        let (at, end) = if let Some(at) = hyphen(outside_end) {
            (at, outside_end)
        } else {
            // "[1080p x265 - GROUP]", "[1080p-GROUP]"
            let is_joined = |it: &usize| matches!(name.gap(*it), Gap::Hyphen | Gap::Dash);
            ((first_fact + 1..name.len()).rev().take(2).find(is_joined)?, name.len())
        };
        let end = match name.bracket(at) {
            Some(bracket) => bracket.to.min(end),
            None => end,
        };
        // Words behind the group's first: "-d3g.sample", "-GRP_x"; a space ends it.
        let end = (at + 1..end)
            .find(|it| {
                matches!(name.gap(*it), Gap::Space | Gap::Dash)
                    || self.marks.iter().any(|mark| mark.from == *it)
            })
            .unwrap_or(end);
        let is_inside_mark = self.marks.iter().any(|it| {
            it.from < at && at < it.to
                || it.from == at
                    && !matches!(
                        it.tag,
                        Tag::Term(Term::Noise | Term::Language(_) | Term::Service(_), _)
                    )
        });
        // "-GRP-postbot": who handed a release on is not who made it.
        let is_handed_on = end > at + 1 && REPOSTERS.contains(&name.word(end - 1));
        let end = if is_handed_on { end - 1 } else { end };
        (!is_inside_mark && end > at).then(|| name.bytes(at, end))
    }

    /// The title as text.
    pub fn title_text(&self) -> Option<String> {
        title::text(&self.name, self.title.start, self.title.end)
    }

    /// The episode's title as text.
    pub fn episode_title_text(&self) -> Option<String> {
        title::text(&self.name, self.episode_title.start, self.episode_title.end)
    }

    /// The second title as text.
    pub fn alternative_text(&self) -> Option<String> {
        let bytes = self.name.bytes(self.alternative.start, self.alternative.end);
        let text = title::clean(&self.name.text[bytes]);
        (!text.is_empty()).then_some(text)
    }
}

fn more_telling_hdr(before: Option<&'static str>, now: &'static str) -> &'static str {
    match (before, now) {
        (None, now) => now,
        (Some("DV"), "HDR10") | (Some("HDR10"), "DV") => "DV HDR10",
        (Some("DV"), "HDR10+") | (Some("HDR10+"), "DV") => "DV HDR10+",
        (Some("DV"), "HDR") | (Some("HDR"), "DV") => "DV HDR",
        (Some("DV"), "HLG") | (Some("HLG"), "DV") => "DV HLG",
        (Some("HDR"), "HDR10" | "HDR10+") => now,
        (Some("HDR10"), "HDR10+") => "HDR10+",
        (Some(before), _) => before,
    }
}
