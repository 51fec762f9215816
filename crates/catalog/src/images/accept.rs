//! Which format a client gets: its own weights first (RFC 9110, section 12.5.1), then our order. Pure.

use axum::http::{HeaderMap, header};

use super::size::Format;

/// How much a client likes each format, in thousandths; 0 for what it does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accept {
    avif: u16,
    webp: u16,
    /// JPEG, or PNG where something shows through: what every client shows, asked for or not.
    plain: u16,
}

impl Default for Accept {
    fn default() -> Self {
        Self { avif: 0, webp: 0, plain: 1000 }
    }
}

impl Accept {
    /// What the `Accept` header says. A wildcard stands for what everybody can show, and never for the newer formats: many
    /// clients that send one cannot show those.
    pub fn of(headers: &HeaderMap) -> Self {
        let values = headers.get_all(header::ACCEPT).iter().filter_map(|it| it.to_str().ok());
        let ranges: Vec<(String, u16)> =
            values.flat_map(|it| it.split(',')).filter_map(range).collect();
        if ranges.is_empty() {
            return Self::default();
        }
        let named = |names: &[&str]| {
            let found = ranges.iter().filter(|(name, _)| names.contains(&name.as_str()));
            found.map(|(_, weight)| *weight).max()
        };
        // The more telling range decides.
        let plain = named(&["image/jpeg", "image/jpg", "image/png"])
            .or_else(|| named(&["image/*"]))
            .or_else(|| named(&["*/*"]));
        Self {
            avif: named(&["image/avif"]).unwrap_or(0),
            webp: named(&["image/webp"]).unwrap_or(0),
            plain: plain.unwrap_or(0),
        }
    }

    /// The format to answer with. AVIF is slow to make: where the client likes WebP as well, it gets AVIF only when that is
    /// there already.
    pub(super) fn format(self, has_avif: bool) -> Format {
        let Self { avif, webp, plain } = self;
        let is_avif_best = avif > 0 && avif >= webp && avif >= plain;
        if is_avif_best && (has_avif || avif > webp) {
            Format::Avif
        } else if webp > 0 && webp >= plain {
            Format::WebP
        } else {
            Format::Jpeg
        }
    }

    /// Whether AVIF would have been the answer, had it been there.
    pub(super) fn would_take_avif(self) -> bool {
        self.format(true) == Format::Avif
    }
}

fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let name = parts.next().filter(|it| !it.is_empty())?.to_ascii_lowercase();
    let weight = parts.find_map(|it| {
        let (name, value) = it.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then(|| value.trim().parse::<f32>().ok())
    });
    // A weight that is none counts as none given.
    let weight = weight.flatten().filter(|it| it.is_finite()).unwrap_or(1.0);
    Some((name, (weight.clamp(0.0, 1.0) * 1000.0).round() as u16))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_clients_weights_decide_and_then_our_order() {
        let table = [
            (None, Format::Jpeg, Format::Jpeg),
            (Some("*/*"), Format::Jpeg, Format::Jpeg),
            (Some("image/*"), Format::Jpeg, Format::Jpeg),
            (
                Some("image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"),
                Format::WebP,
                Format::Avif,
            ),
            (Some("image/webp,*/*"), Format::WebP, Format::WebP),
            (Some("image/avif"), Format::Avif, Format::Avif),
            (Some("image/avif,*/*;q=0.5"), Format::Avif, Format::Avif),
            (Some("image/avif;q=0.5, image/webp;q=0.9"), Format::WebP, Format::WebP),
            (Some("image/avif;q=0.9, image/webp;q=0.5"), Format::Avif, Format::Avif),
            (Some("image/jpeg, image/webp;q=0.9, image/avif;q=0.1"), Format::Jpeg, Format::Jpeg),
            (Some("image/webp;q=0, image/*"), Format::Jpeg, Format::Jpeg),
            (Some("image/avif;q=0, image/webp"), Format::WebP, Format::WebP),
            (Some("IMAGE/WEBP ; Q=0.7"), Format::WebP, Format::WebP),
            (Some("text/html"), Format::Jpeg, Format::Jpeg),
            (Some("image/webp;q=much"), Format::WebP, Format::WebP),
            (Some(",;,"), Format::Jpeg, Format::Jpeg),
        ];
        for (text, without, with) in table {
            let mut headers = HeaderMap::new();
            if let Some(text) = text {
                headers.insert(header::ACCEPT, HeaderValue::from_static(text));
            }
            let accept = Accept::of(&headers);
            assert_eq!((accept.format(false), accept.format(true)), (without, with), "{text:?}");
        }
    }
}
