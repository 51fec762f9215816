//! What single signs are: brackets, scripts, dashes, and the gaps they make between words.

use super::Gap;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Script {
    Alphabet,
    Ideographs,
}

pub enum Side {
    Open(char),
    Close(char),
}

pub fn bracket_class(sign: char) -> Option<Side> {
    Some(match sign {
        '(' | '（' => Side::Open('('),
        ')' | '）' => Side::Close('('),
        '[' | '［' | '【' => Side::Open('['),
        ']' | '］' | '】' => Side::Close('['),
        // Quotation marks: what they hold is a title.
        '「' | '『' | '《' => Side::Open('"'),
        '」' | '』' | '》' => Side::Close('"'),
        '{' | '｛' => Side::Open('{'),
        '}' | '｝' => Side::Close('{'),
        _ => return None,
    })
}

pub fn script(sign: char) -> Option<Script> {
    match sign {
        'a'..='z' | 'A'..='Z' | '0'..='9' => Some(Script::Alphabet),
        _ if sign.is_ascii() => None,
        '\u{1100}'..='\u{11ff}'
        | '\u{3005}'..='\u{3007}'
        | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}' => (sign != '・').then_some(Script::Ideographs),
        _ if sign.is_alphanumeric() => Some(Script::Alphabet),
        _ => None,
    }
}

pub fn is_counter(sign: char) -> bool {
    matches!(sign, '季' | '集' | '話' | '话' | '回' | '期' | '화' | '회' | '기')
}

pub fn is_apostrophe(sign: char) -> bool {
    matches!(sign, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '＇')
}

pub fn is_dash(sign: char) -> bool {
    matches!(sign, '-' | '–' | '—' | '‐' | '‑' | '−' | '－' | '~' | '〜' | '～')
}

pub fn gap(text: &str) -> Gap {
    if text.is_empty() {
        return Gap::Tight;
    }
    // "HDR10+-GRP": the plus belongs to the word before it.
    let text = text.strip_prefix('+').filter(|it| it.starts_with(is_dash)).unwrap_or(text);
    let mut gap = None;
    let (mut dashes, mut spaces) = (0, 0);
    for sign in text.chars().filter(|it| bracket_class(*it).is_none()) {
        let this = match sign {
            ' ' | '\t' | '\u{a0}' | '\u{3000}' => Gap::Space,
            '.' | '．' => Gap::Dot,
            '_' => Gap::Underscore,
            '+' | '&' | ',' | '、' | '，' => Gap::List,
            _ if is_dash(sign) => Gap::Hyphen,
            _ if sign.is_whitespace() => Gap::Space,
            _ => Gap::Other,
        };
        match this {
            Gap::Hyphen => dashes += 1,
            Gap::Space | Gap::Dot | Gap::Underscore => spaces += 1,
            _ => {}
        }
        gap = Some(match (gap, this) {
            (None | Some(Gap::Space), this) => this,
            (Some(before), Gap::Space) => before,
            (Some(Gap::List), _) | (_, Gap::List) => Gap::List,
            (Some(Gap::Hyphen), _) | (_, Gap::Hyphen) => Gap::Hyphen,
            (Some(Gap::Dot | Gap::Underscore), Gap::Other) => Gap::Other,
            (Some(before), _) => before,
        });
    }
    match gap {
        Some(Gap::Hyphen) if dashes > 0 && spaces > 0 => Gap::Dash,
        Some(gap) => gap,
        None => Gap::Other,
    }
}
