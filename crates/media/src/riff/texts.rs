//! The texts of a RIFF file (`LIST INFO`).

use super::chunks::Chunks;
use crate::language::bcp47;
use crate::probe::Probe;
use crate::stream::StreamKind;
use crate::subtitles;

/// Adds the texts under names of ours; `IAS1` to `IAS9` name the languages of the first sound streams.
pub(super) fn read(body: &[u8], probe: &mut Probe) {
    let mut languages = Vec::new();
    for chunk in Chunks(body) {
        let text = subtitles::decode(chunk.body, None);
        let text = text.trim_matches(['\0', ' ']);
        let name = match &chunk.kind {
            b"INAM" => "title",
            b"IART" => "artist",
            b"IPRD" => "album",
            b"ICMT" => "comment",
            b"ICRD" => "date",
            b"IGNR" => "genre",
            b"ISBJ" => "subject",
            b"ICOP" => "copyright",
            b"IPRT" | b"ITRK" => "track",
            b"ISFT" => "encoder",
            b"ILNG" => "language",
            [b'I', b'A', b'S', number @ b'1'..=b'9'] => {
                languages.push((usize::from(number - b'1'), text.to_owned()));
                continue;
            }
            _ => continue,
        };
        probe.tags.add(name, text);
    }
    let mut sounds: Vec<_> =
        probe.streams.iter_mut().filter(|it| it.kind == StreamKind::Audio).collect();
    for (number, language) in languages {
        if let Some(stream) = sounds.get_mut(number) {
            stream.language = stream.language.take().or_else(|| bcp47(&language));
        }
    }
}
