//! The times of TTML (<https://www.w3.org/TR/ttml2/#timing-value-time-expression>).

/// Times beyond this belong to no film; in milliseconds.
const MAX_MS: f64 = 1e9;

/// What times are counted by, from the root element.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rates {
    /// Frames a second.
    frames: f64,
    sub_frames: f64,
    ticks: f64,
}

impl Rates {
    /// By the parameters of the root element, which `parameter` finds.
    pub fn read<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Self {
        let positive = |text: &str| number(text.trim()).filter(|it| *it > 0.0);
        let told = parameter("framerate").and_then(positive);
        let sub_frames = parameter("subframerate").and_then(positive).unwrap_or(1.0);
        let multiplier = parameter("frameratemultiplier").and_then(|it| {
            let mut parts = it.split([' ', ':', '/']).filter(|it| !it.is_empty());
            let over = positive(parts.next()?)?;
            Some(over / parts.next().map_or(Some(1.0), positive)?)
        });
        let frames = told.unwrap_or(30.0) * multiplier.unwrap_or(1.0);
        // Where nobody says how long a tick is, it is a part of a frame, or a second.
        let usual = told.map_or(1.0, |_| frames * sub_frames);
        let ticks = parameter("tickrate").and_then(positive).unwrap_or(usual);
        Self { frames, sub_frames, ticks }
    }

    /// `01:02:03.4`, `01:02:03:12` with frames, `3.5s`, `90f`, `10000000t`; in milliseconds.
    pub fn read_time(self, text: &str) -> Option<u64> {
        let text = text.trim();
        let seconds = if text.contains(':') { self.clock(text)? } else { self.offset(text)? };
        let ms = (seconds * 1000.0).round();
        (0.0..=MAX_MS).contains(&ms).then_some(ms as u64)
    }

    fn clock(self, text: &str) -> Option<f64> {
        let mut parts = text.split([':', ';']);
        let hours = number(parts.next()?)?;
        let minutes = number(parts.next()?)?;
        let seconds = number(parts.next()?)?;
        let frames = match parts.next() {
            Some(frames) => {
                let (whole, sub) = frames.split_once('.').unwrap_or((frames, "0"));
                (number(whole)? + number(sub)? / self.sub_frames) / self.frames
            }
            None => 0.0,
        };
        let is_whole = parts.next().is_none();
        is_whole.then_some(hours * 3600.0 + minutes * 60.0 + seconds + frames)
    }

    fn offset(self, text: &str) -> Option<f64> {
        let at = text.find(|it: char| it.is_ascii_alphabetic()).unwrap_or(text.len());
        let (count, unit) = text.split_at(at);
        let count = number(count)?;
        Some(match unit {
            "h" => count * 3600.0,
            "m" => count * 60.0,
            // Some leave it out.
            "s" | "" => count,
            "ms" => count / 1000.0,
            "f" => count / self.frames,
            "t" => count / self.ticks,
            _ => return None,
        })
    }
}

/// Digits, with a point between them or none.
pub(super) fn number(text: &str) -> Option<f64> {
    let is_number = text.bytes().all(|it| it.is_ascii_digit() || it == b'.');
    let is_short = (1..=20).contains(&text.len());
    text.parse().ok().filter(|_| is_number && is_short)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(parameters: &[(&str, &str)], times: &[(&str, Option<u64>)]) {
        let find = |name: &str| parameters.iter().find(|it| it.0 == name).map(|it| it.1);
        let rates = Rates::read(find);
        for (text, expected) in times {
            assert_eq!(rates.read_time(text), *expected, "{text} by {parameters:?}");
        }
    }

    #[test]
    fn times_of_every_kind_are_read() {
        check(
            &[],
            &[
                ("01:02:03", Some(3_723_000)),
                ("00:00:01.25", Some(1250)),
                ("00:00:01:15", Some(1500)),
                ("1.5s", Some(1500)),
                ("2m", Some(120_000)),
                ("1h", Some(3_600_000)),
                ("250ms", Some(250)),
                ("15f", Some(500)),
                ("2t", Some(2000)),
                (" 3s ", Some(3000)),
                ("12", Some(12_000)),
            ],
        );
        check(
            &[("framerate", "24"), ("frameratemultiplier", "1000 1001"), ("tickrate", "10000000")],
            &[
                ("00:00:00:18", Some(751)),
                ("24f", Some(1001)),
                ("15000000t", Some(1500)),
                ("00:00:10;00", Some(10_000)),
            ],
        );
        check(
            &[("framerate", "25"), ("subframerate", "2")],
            &[("50t", Some(1000)), ("00:00:00:10.1", Some(420))],
        );
        check(&[("framerate", "0"), ("tickrate", "x")], &[("30f", Some(1000)), ("1t", Some(1000))]);
    }

    #[test]
    fn what_is_no_time_is_none() {
        let broken = [
            "",
            ":",
            "::",
            "1:2",
            "a:b:c",
            "-1s",
            "1e9s",
            "1x",
            "s",
            "NaN",
            "inf",
            "1:2:3:4:5",
            "99999999999999999999s",
            "999999999999999999999999s",
            "00:00:1.2.3",
            "wallclock(x)",
        ];
        check(&[], &broken.map(|it| (it, None)));
    }
}
