//! What a Flash video says of itself in its first script tag: names with numbers, texts and yes or no.

/// Values that are looked at.
const MAX_VALUES: usize = 10_000;
/// Objects in objects; the reader counts them and does not call itself.
const MAX_DEPTH: usize = 16;

/// A value of the outermost object.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Number(f64),
    Text(String),
}

/// The numbers and texts of `onMetaData`, by name; nothing of another tag.
pub(super) fn read(body: &[u8]) -> Vec<(String, Value)> {
    let mut reader = Reader(body);
    let mut found = Vec::new();
    if reader.byte() == Some(2) && reader.text().as_deref() == Some("onMetaData") {
        // What is cut off ends it.
        let _ = reader.values(&mut found);
    }
    found
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|it| it[0])
    }

    fn take(&mut self, n_bytes: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(n_bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn text(&mut self) -> Option<String> {
        let size = self.take(2).map(|it| usize::from(it[0]) << 8 | usize::from(it[1]))?;
        self.take(size).map(|it| String::from_utf8_lossy(it).into_owned())
    }

    fn values(&mut self, found: &mut Vec<(String, Value)>) -> Option<()> {
        /// What is open: an object with names, or a list of so many values.
        enum Open {
            Named,
            List(u32),
        }
        let mut open: Vec<Open> = Vec::new();
        for _ in 0..MAX_VALUES {
            let mut name = String::new();
            match open.last_mut() {
                Some(Open::Named) => name = self.text()?,
                Some(Open::List(0)) => {
                    open.pop();
                    continue;
                }
                Some(Open::List(n_left)) => *n_left -= 1,
                None => {}
            }
            let is_outer = open.len() == 1;
            match self.byte()? {
                0 => {
                    let number = f64::from_be_bytes(*self.take(8)?.first_chunk()?);
                    if is_outer && number.is_finite() {
                        found.push((name, Value::Number(number)));
                    }
                }
                1 => {
                    self.byte()?;
                }
                2 => {
                    let text = self.text()?;
                    if is_outer {
                        found.push((name, Value::Text(text)));
                    }
                }
                kind @ (3 | 8) if open.len() < MAX_DEPTH => {
                    // How many values it has is only a guess.
                    self.take(if kind == 8 { 4 } else { 0 })?;
                    open.push(Open::Named);
                }
                5 | 6 => {}
                7 => {
                    self.take(2)?;
                }
                9 if !open.is_empty() => {
                    open.pop();
                }
                10 if open.len() < MAX_DEPTH => {
                    let n_values = u32::from_be_bytes(*self.take(4)?.first_chunk()?);
                    open.push(Open::List(n_values));
                }
                11 => {
                    self.take(10)?;
                }
                12 => {
                    let size = u32::from_be_bytes(*self.take(4)?.first_chunk()?);
                    self.take(size as usize)?;
                }
                _ => return None,
            }
            if open.is_empty() {
                return Some(());
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_past_lists_and_objects() {
        let number = |value: f64| [&[0][..], &value.to_be_bytes()].concat();
        let named = |name: &str, value: &[u8]| {
            [&(name.len() as u16).to_be_bytes()[..], name.as_bytes(), value].concat()
        };
        let list = [&[10, 0, 0, 0, 2][..], &number(1.0), &number(2.0)].concat();
        let inner = [&[3][..], &named("times", &list), &[0, 0, 9]].concat();
        let body = [
            &[2][..],
            &named("onMetaData", &[8, 0, 0, 0, 4]),
            &named("duration", &number(13.5)),
            &named("keyframes", &inner),
            &named("stereo", &[1, 1]),
            &named("title", &[2, 0, 2, b'H', b'i']),
            &[0, 0, 9],
        ]
        .concat();
        let expected = [
            ("duration".to_owned(), Value::Number(13.5)),
            ("title".to_owned(), Value::Text("Hi".to_owned())),
        ];
        assert_eq!(read(&body), expected);
        for end in 0..body.len() {
            assert!(read(&body[..end]).len() <= 2);
        }
        assert_eq!(read(&[&[2, 0, 3][..], b"onX", &[9; 40]].concat()), []);
    }
}
