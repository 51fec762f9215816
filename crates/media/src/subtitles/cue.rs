//! The words of a cue in the making, each with its look, for the formats that have more than lines.

/// A cue shows at most this many lines and bytes a line; nobody reads more, and a page must not choke on it.
pub(super) const MAX_LINES: usize = 32;
pub(super) const MAX_LINE_BYTES: usize = 1000;
/// Changes of look in a line; karaoke has one a syllable.
const MAX_SPANS: usize = 100;

/// How words look.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Look {
    pub is_bold: bool,
    pub is_italic: bool,
    pub is_underlined: bool,
    pub color: Option<Color>,
}

/// The colours that tell speakers apart, which WebVTT knows by name. White is as good as none, and black is not seen on the
/// dark behind words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Color {
    Red,
    Lime,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

impl Color {
    const ALL: [(Self, &'static str, u32); 6] = [
        (Self::Red, "red", 0xff_0000),
        (Self::Lime, "lime", 0x00_ff00),
        (Self::Yellow, "yellow", 0xff_ff00),
        (Self::Blue, "blue", 0x00_00ff),
        (Self::Magenta, "magenta", 0xff_00ff),
        (Self::Cyan, "cyan", 0x00_ffff),
    ];

    /// WebVTT's class for it.
    pub fn class(self) -> &'static str {
        let found = Self::ALL.iter().find(|it| it.0 == self);
        found.map_or("white", |it| it.1)
    }

    /// Red, green and blue, a byte each from the top, by the class.
    pub fn rgb_of_class(class: &str) -> Option<u32> {
        Self::ALL.iter().find(|it| it.1 == class).map(|it| it.2)
    }

    /// A colour as style sheets write it: a name, `#rgb`, `#rrggbb`, `#rrggbbaa`, or `rgb(r, g, b)`. Shades are left out.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.trim().to_ascii_lowercase();
        let named = match text.as_str() {
            "aqua" => "cyan",
            "fuchsia" => "magenta",
            "green" => "lime",
            name => name,
        };
        if let Some(found) = Self::ALL.iter().find(|it| it.1 == named) {
            return Some(found.0);
        }
        let parts: Vec<u8> = if let Some(digits) = text.strip_prefix('#') {
            let width = if digits.len() < 6 { 1 } else { 2 };
            let part = |it: usize| {
                let part = digits.get(it * width..(it + 1) * width)?;
                let value = u8::from_str_radix(part, 16).ok()?;
                Some(if width == 1 { value * 17 } else { value })
            };
            (0..3).map_while(part).collect()
        } else {
            let inside = text.strip_prefix("rgb")?.trim_start_matches('a').strip_prefix('(')?;
            let parts = inside.trim_end_matches(')').split(',');
            parts.take(3).map_while(|it| it.trim().parse().ok()).collect()
        };
        let mut rgb = 0;
        for part in parts.first_chunk::<3>()? {
            let bits = match part {
                0..=0x3f => 0,
                0xb0.. => 0xff,
                _ => return None,
            };
            rgb = rgb << 8 | bits;
        }
        Self::ALL.iter().find(|it| it.2 == rgb).map(|it| it.0)
    }
}

/// Lines of words.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Lines(Vec<Line>);

/// A line, in parts of one look each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub spans: Vec<(Look, String)>,
    n_bytes: usize,
}

impl Lines {
    /// Adds words in which blanks and line breaks are but the space between them. One may remain at either end of the lines.
    pub fn flow(&mut self, text: &str, look: Look) {
        for letter in text.chars() {
            if !matches!(letter, ' ' | '\t' | '\n' | '\r' | '\x0c') {
                self.push(letter, look);
            } else if !self.ends_with_space() {
                self.push(' ', look);
            }
        }
    }

    /// Adds words as they stand.
    pub fn keep(&mut self, text: &str, look: Look) {
        for line in text.split_inclusive('\n') {
            line.trim_end_matches(['\n', '\r']).chars().for_each(|it| self.push(it, look));
            if line.ends_with('\n') {
                self.break_line();
            }
        }
    }

    /// What follows stands below.
    pub fn break_line(&mut self) {
        if self.0.is_empty() {
            self.0.push(Line::default());
        }
        if self.0.len() < MAX_LINES {
            self.0.push(Line::default());
        }
    }

    /// Adds all of another's behind its own.
    pub fn append(&mut self, other: &Self) {
        for (n, line) in other.0.iter().enumerate() {
            if n > 0 {
                self.break_line();
            }
            for (look, text) in &line.spans {
                text.chars().for_each(|it| self.push(it, *look));
            }
        }
    }

    /// Whether nothing of it is seen.
    pub fn is_blank(&self) -> bool {
        self.0.iter().all(Line::is_blank)
    }

    /// Bytes of all words.
    pub fn n_bytes(&self) -> usize {
        self.0.iter().map(|it| it.n_bytes).sum()
    }

    /// Those in which something is seen.
    pub fn seen(&self) -> impl Iterator<Item = &Line> {
        self.0.iter().filter(|it| !it.is_blank())
    }

    /// Whether there is such a letter in it.
    pub fn has_letter(&self, letter: char) -> bool {
        self.0.iter().flat_map(|it| &it.spans).any(|it| it.1.contains(letter))
    }

    fn ends_with_space(&self) -> bool {
        self.0.last().is_some_and(|it| it.spans.last().is_none_or(|it| it.1.ends_with(' ')))
    }

    fn push(&mut self, letter: char, look: Look) {
        if self.0.is_empty() {
            self.0.push(Line::default());
        }
        let Some(line) = self.0.last_mut() else { return };
        if line.n_bytes + letter.len_utf8() > MAX_LINE_BYTES {
            return;
        }
        let n_spans = line.spans.len();
        match line.spans.last_mut() {
            Some((last, text)) if *last == look => text.push(letter),
            _ if n_spans < MAX_SPANS => line.spans.push((look, letter.to_string())),
            _ => return,
        }
        line.n_bytes += letter.len_utf8();
    }
}

impl Line {
    fn is_blank(&self) -> bool {
        self.spans.iter().all(|it| it.1.chars().all(|it| it.is_whitespace() || it.is_control()))
    }
}

/// A cue of a file that may be in several languages.
#[derive(Debug)]
pub(super) struct Cue {
    pub start_ms: u64,
    /// `None`: until the next, or as long as is usual.
    pub end_ms: Option<u64>,
    pub lines: Lines,
    pub is_on_top: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_speakers_are_known_however_they_are_written() {
        let table = [
            ("yellow", Some(Color::Yellow)),
            ("Aqua", Some(Color::Cyan)),
            ("#FF0", Some(Color::Yellow)),
            ("#ff00ff", Some(Color::Magenta)),
            ("#00e0ffcc", Some(Color::Cyan)),
            ("rgb(255, 10, 0)", Some(Color::Red)),
            ("rgba(0,255,0,255)", Some(Color::Lime)),
            ("white", None),
            ("#ffffff", None),
            ("#808080", None),
            ("#ff", None),
            ("#äää", None),
            ("rgb(300,0,0)", None),
            ("", None),
        ];
        for (text, expected) in table {
            assert_eq!(Color::read(text), expected, "{text}");
        }
    }

    #[test]
    fn words_flow_and_nothing_grows_without_end() {
        let look = Look::default();
        let mut lines = Lines::default();
        lines.flow(" \n a  ", look);
        lines.flow(" b", look);
        lines.break_line();
        lines.flow("  c", look);
        let text: Vec<_> = lines.seen().map(|it| it.spans[0].1.as_str()).collect();
        assert_eq!(text, [" a b", "c"]);
        let mut vast = Lines::default();
        for n in 0..1000 {
            let look = Look { is_bold: n % 2 == 0, ..look };
            vast.keep(&"ä".repeat(50), look);
            if n % 10 == 9 {
                vast.break_line();
            }
        }
        assert!(vast.0.len() <= MAX_LINES, "{}", vast.0.len());
        for line in &vast.0 {
            let n_bytes: usize = line.spans.iter().map(|it| it.1.len()).sum();
            assert!(n_bytes <= MAX_LINE_BYTES && line.spans.len() <= MAX_SPANS);
        }
    }
}
