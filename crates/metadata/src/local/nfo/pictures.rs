//! Addresses of pictures in an NFO file: `<thumb aspect="poster">`, `<fanart><thumb>`, `<art>`.

use super::tree::Element;
use crate::{Address, ArtworkRole, RemoteArtwork};

/// No list of a description is longer; what goes beyond is an attack or a mistake.
const MAX_PICTURES: usize = 200;

/// Pictures of the thing itself, and those of its seasons with their numbers.
pub fn read(root: &Element) -> (Vec<RemoteArtwork>, Vec<(i32, RemoteArtwork)>) {
    let (mut own, mut seasons) = (Vec::new(), Vec::new());
    let is_episode = root.name == "episodedetails";
    for thumb in root.all("thumb") {
        let usual = if is_episode { ArtworkRole::Thumb } else { ArtworkRole::Poster };
        let role = match thumb.attribute("aspect") {
            None | Some("") => Some(usual),
            Some(aspect) => role(aspect),
        };
        let Some(picture) = role.and_then(|role| picture(thumb, role)) else { continue };
        let season = thumb.attribute("season").and_then(|it| it.parse().ok());
        match (thumb.attribute("type"), season) {
            (Some("season"), Some(number)) if number >= 0 => seasons.push((number, picture)),
            // -1 stands for all seasons at once.
            (Some("season"), _) => {}
            _ => own.push(picture),
        }
    }
    let fanart = root.all("fanart").flat_map(|it| it.all("thumb"));
    own.extend(fanart.filter_map(|it| picture(it, ArtworkRole::Backdrop)));
    for art in root.all("art").flat_map(|it| &it.children) {
        own.extend(role(&art.name).and_then(|role| picture(art, role)));
    }
    own.truncate(MAX_PICTURES);
    seasons.truncate(MAX_PICTURES);
    (own, seasons)
}

fn role(aspect: &str) -> Option<ArtworkRole> {
    Some(match aspect {
        "poster" => ArtworkRole::Poster,
        "fanart" => ArtworkRole::Backdrop,
        "thumb" | "landscape" => ArtworkRole::Thumb,
        "clearlogo" | "logo" => ArtworkRole::Logo,
        "clearart" => ArtworkRole::Clearart,
        "banner" => ArtworkRole::Banner,
        "discart" | "disc" => ArtworkRole::Disc,
        _ => return None,
    })
}

fn picture(element: &Element, role: ArtworkRole) -> Option<RemoteArtwork> {
    let url = Address::parse(&element.text)?;
    let preview = element.attribute("preview").and_then(Address::parse);
    Some(RemoteArtwork { preview, ..RemoteArtwork::new(role, url) })
}
