//! One path component cut into words, each with its span, what separates it from the word before, and the bracket around it.
//!
//! Every reader of words goes through [`Name`]; a token is never copied. The folded words lie in one buffer with a single
//! space between them, so that a phrase of several words is a slice, too.

pub mod signs;

use self::signs::{Side, bracket_class, gap, is_apostrophe, is_counter};
use crate::fold;

/// What lies between a token and the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Nothing: the script changed from letters to ideographs or back.
    Tight,
    /// White space.
    Space,
    /// A dot.
    Dot,
    /// An underscore.
    Underscore,
    /// A hyphen without space around it.
    Hyphen,
    /// A dash with space (or what stands for it) on both sides.
    Dash,
    /// `+`, `&` or a comma: a list.
    List,
    /// Any other sign.
    Other,
}

/// A bracket pair.
#[derive(Clone, Debug)]
pub struct Bracket {
    /// Byte of the opening sign.
    pub open: usize,
    /// First byte after the closing sign.
    pub close: usize,
    /// First token inside.
    pub from: usize,
    /// One past the last token inside.
    pub to: usize,
    /// The opening sign, reduced to `(`, `[` or `{`.
    pub sign: char,
}

#[derive(Clone, Debug)]
struct Token {
    start: u32,
    end: u32,
    folded_start: u32,
    folded_end: u32,
    gap: Gap,
    /// Index of the innermost bracket plus one; 0 outside of any.
    bracket: u32,
}

/// A path component in tokens.
pub struct Name<'a> {
    /// The component without its extension.
    pub text: &'a str,
    /// Where the component begins in the path.
    pub offset: usize,
    folded: String,
    tokens: Vec<Token>,
    brackets: Vec<Bracket>,
}

/// Words of one component that are read. File systems end a name at 255 bytes or letters, so that no real one has more; the
/// cap bounds the work on what is no name at all.
const MOST_TOKENS: usize = 256;

impl<'a> Name<'a> {
    /// Cuts `text`, which begins at byte `offset` of the path.
    pub fn new(text: &'a str, offset: usize) -> Self {
        let mut name = Self {
            text,
            offset,
            folded: String::with_capacity(text.len() + 8),
            tokens: Vec::with_capacity(text.len() / 4 + 2),
            brackets: Vec::new(),
        };
        name.tokenise();
        name
    }

    /// Number of tokens.
    pub fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The folded word `i`; empty beyond the end, so that looking ahead needs no check.
    pub fn word(&self, i: usize) -> &str {
        self.phrase(i, 1)
    }

    /// The folded words `i..i + n` joined by single spaces; empty when there are not so many.
    pub fn phrase(&self, i: usize, n: usize) -> &str {
        work::count();
        match (self.tokens.get(i), self.tokens.get(i + n - 1)) {
            (Some(first), Some(last)) => {
                &self.folded[first.folded_start as usize..last.folded_end as usize]
            }
            _ => "",
        }
    }

    /// The word `i` as written.
    pub fn raw(&self, i: usize) -> &'a str {
        self.tokens.get(i).map_or("", |it| &self.text[it.start as usize..it.end as usize])
    }

    /// The gap before token `i`; beyond the end, the sign that ends everything.
    pub fn gap(&self, i: usize) -> Gap {
        work::count();
        self.tokens.get(i).map_or(Gap::Other, |it| it.gap)
    }

    /// Byte range in the text of the tokens `from..to`; empty when there are none.
    pub fn bytes(&self, from: usize, to: usize) -> std::ops::Range<usize> {
        match (self.tokens.get(from), to.checked_sub(1).and_then(|last| self.tokens.get(last))) {
            (Some(first), Some(last)) if from < to => first.start as usize..last.end as usize,
            _ => 0..0,
        }
    }

    /// The innermost bracket around token `i`.
    pub fn bracket(&self, i: usize) -> Option<&Bracket> {
        work::count();
        let index = self.tokens.get(i)?.bracket;
        self.brackets.get((index as usize).checked_sub(1)?)
    }

    /// All bracket pairs, in the order of their opening sign.
    pub fn brackets(&self) -> &[Bracket] {
        &self.brackets
    }

    /// The value of token `i` when it is all digits, at most 8 of them.
    pub fn number(&self, i: usize) -> Option<u32> {
        let word = self.word(i);
        (!word.is_empty() && word.len() <= 8 && word.bytes().all(|it| it.is_ascii_digit()))
            .then(|| word.parse().ok())
            .flatten()
    }

    /// Whether token `i` is written in a way no title is: two or more capitals, or a small letter before a capital (`iT`).
    pub fn is_shouted(&self, i: usize) -> bool {
        let raw = self.raw(i);
        let is_mixed = raw.len() == 2 && raw.starts_with('i') && raw.ends_with(char::is_uppercase);
        is_mixed || raw.chars().filter(|it| it.is_uppercase()).count() >= 2
    }

    /// Whether the tokens `from..to` are all written in capitals (so that capitals tell nothing).
    pub fn is_all_capitals(&self, from: usize, to: usize) -> bool {
        let text = &self.text[self.bytes(from, to)];
        text.chars().any(char::is_uppercase) && !text.chars().any(char::is_lowercase)
    }

    fn tokenise(&mut self) {
        let mut open: Vec<(char, usize, usize)> = Vec::new();
        let mut gap_start = 0;
        let mut chars = self.text.char_indices().peekable();
        while let Some((at, sign)) = chars.next() {
            if self.tokens.len() == MOST_TOKENS {
                break;
            }
            if let Some(class) = bracket_class(sign) {
                match class {
                    Side::Open(kind) => open.push((kind, at, self.tokens.len())),
                    Side::Close(kind) => self.close_bracket(&mut open, kind, at + sign.len_utf8()),
                }
                continue;
            }
            let Some(script) = signs::script(sign) else { continue };
            let gap =
                if self.tokens.is_empty() { Gap::Other } else { gap(&self.text[gap_start..at]) };
            if !self.folded.is_empty() {
                self.folded.push(' ');
            }
            let folded_start = self.folded.len();
            fold::push_char(&mut self.folded, sign);
            let mut end = at + sign.len_utf8();
            // "第2集標題": the counter behind a number is a word of its own.
            let is_counter = gap == Gap::Tight && is_counter(sign);
            while let Some(&(next_at, next)) = chars.peek() {
                let belongs = if is_counter || next == '第' {
                    false
                } else if is_apostrophe(next) {
                    let after = self.text[next_at + next.len_utf8()..].chars().next();
                    after.is_some_and(char::is_alphanumeric)
                } else {
                    fold::is_mark(next) || signs::script(next) == Some(script)
                };
                if !belongs {
                    break;
                }
                chars.next();
                if !is_apostrophe(next) {
                    fold::push_char(&mut self.folded, next);
                }
                end = next_at + next.len_utf8();
            }
            self.tokens.push(Token {
                start: at as u32,
                end: end as u32,
                folded_start: folded_start as u32,
                folded_end: self.folded.len() as u32,
                gap,
                bracket: 0,
            });
            gap_start = end;
        }
        self.assign_brackets();
    }

    fn close_bracket(&mut self, open: &mut Vec<(char, usize, usize)>, sign: char, close: usize) {
        // Only the innermost open bracket can be closed, so each sign is looked at once.
        if let Some(&(kind, at, from)) = open.last()
            && kind == sign
        {
            open.pop();
            if from < self.tokens.len() {
                self.brackets.push(Bracket { open: at, close, from, to: self.tokens.len(), sign });
            }
        }
    }

    fn assign_brackets(&mut self) {
        self.brackets.sort_by_key(|it| it.open);
        // Innermost wins: a stack of the brackets that hold the current token.
        let mut stack: Vec<usize> = Vec::new();
        let mut next = 0;
        for (i, token) in self.tokens.iter_mut().enumerate() {
            while self.brackets.get(next).is_some_and(|it| it.from <= i) {
                stack.push(next);
                next += 1;
            }
            while stack.last().is_some_and(|&it| self.brackets[it].to <= i) {
                stack.pop();
            }
            token.bracket = stack.last().map_or(0, |it| *it as u32 + 1);
        }
    }
}

/// Counts looks at tokens, in tests only: the proof that reading is linear counts work instead of time.
pub mod work {
    #[cfg(test)]
    thread_local! {
        static LOOKS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
    }

    /// Notes one look at a token.
    #[inline]
    pub fn count() {
        #[cfg(test)]
        LOOKS.with(|it| it.set(it.get() + 1));
    }

    /// Looks since the last call.
    #[cfg(test)]
    pub fn take() -> u64 {
        LOOKS.with(|it| it.replace(0))
    }
}

#[cfg(test)]
mod tests {
    use super::work;
    use crate::{Hint, parse, parse_listing};

    /// Pieces that make the recognisers look far ahead or back.
    const PIECES: &[&str] = &[
        "a.",
        "(a) ",
        "[1] ",
        "S01E01-",
        "2012 ",
        "((",
        "第1",
        "1-",
        "1080p.",
        "en.",
        "part 1 ",
        "a/",
        "(2012)/",
        "aka ",
        "5.1 ",
        "extended ",
    ];

    fn looks(path: &str) -> u64 {
        work::take();
        for hint in [Hint::Movies, Hint::Shows, Hint::Any] {
            parse(path, hint);
        }
        work::take()
    }

    #[test]
    fn twice_the_text_is_at_most_about_twice_the_work() {
        for piece in PIECES {
            for extension in [".mkv", ".srt", ".jpg", ".mp3"] {
                let of = |n: usize| looks(&format!("{}{extension}", piece.repeat(n)));
                let (once, twice) = (of(2_000), of(4_000));
                assert!(
                    twice <= once * 5 / 2 + 1_000,
                    "{piece:?}{extension}: {once} looks, then {twice}"
                );
            }
        }
    }

    #[test]
    fn work_on_a_name_of_any_file_system_is_bounded_by_its_length() {
        for piece in PIECES {
            let path = format!("{}.mkv", piece.repeat(250 / piece.len()));
            let looks = looks(&path);
            assert!(
                looks <= 3 * 150 * path.len() as u64,
                "{piece:?}: {looks} looks at {} bytes",
                path.len()
            );
        }
    }

    #[test]
    fn a_listing_costs_no_more_than_a_few_times_its_paths() {
        let paths: Vec<String> =
            (0..2_000).map(|i| format!("Film {i} (2001)/Film {i} (2001) - 1080p.mkv")).collect();
        let all: Vec<&str> = paths.iter().map(String::as_str).collect();
        let of = |n: usize| {
            work::take();
            parse_listing(&all[..n], Hint::Movies);
            work::take()
        };
        let (half, whole) = (of(1_000), of(2_000));
        assert!(whole <= half * 5 / 2, "{half} looks, then {whole}");
    }
}
