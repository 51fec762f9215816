//! The small pictures along a film, as far as they were made.

use std::fmt::Write as _;

use catalog::analysis::Trickplay;
use kernel::id::FileId;
use kernel::{Error, Result, Viewer};
use media::subtitles::webvtt_clock;
use media::trickplay::{COLUMNS, TILES};

use crate::Playback;
use crate::analyze::shelf::Sheet;

/// The pictures of a file, with signed addresses.
pub struct Pictures {
    pub made: Trickplay,
    /// Of the sheets along the film.
    pub sheets: Vec<String>,
    /// Of the sheet of its chapters.
    pub chapters: Option<String>,
    /// Of the list of all as WebVTT.
    pub vtt: String,
}

impl Playback {
    /// The pictures of a file, if there are any.
    pub(crate) async fn pictures(&self, viewer: &Viewer, file: FileId) -> Result<Option<Pictures>> {
        let Some(made) = self.catalog.find_trickplay(viewer, file).await? else { return Ok(None) };
        let base = format!("/playback/trickplay/{file}");
        let address = |name: &str| self.sign(viewer, &format!("{base}/{}/{name}", made.version));
        let n_sheets = count(made.tile_count).div_ceil(TILES);
        Ok(Some(Pictures {
            sheets: (0..n_sheets).map(|it| address(&it.to_string())).collect(),
            chapters: (made.chapter_count > 0).then(|| address("chapters")),
            vtt: self.sign(viewer, &format!("{base}/thumbnails.vtt")),
            made,
        }))
    }

    /// A sheet of a file, if that is the version that was made.
    pub(crate) async fn read_sheet(
        &self,
        viewer: &Viewer,
        file: FileId,
        version: String,
        sheet: Sheet,
    ) -> Result<Vec<u8>> {
        let made = self.catalog.find_trickplay(viewer, file).await?;
        made.filter(|it| it.version == version).ok_or(Error::NotFound("sheet"))?;
        let shelf = self.shelf.clone();
        let reading = tokio::task::spawn_blocking(move || shelf.read(file, &version, sheet));
        // Somebody may have deleted it; it is made again in a while.
        reading.await.map_err(anyhow::Error::from)?.map_err(|_| Error::NotFound("sheet"))
    }
}

/// All pictures along a film as WebVTT: for each its time, and the sheet with the place on it.
pub(crate) fn webvtt(pictures: &Pictures) -> String {
    let made = &pictures.made;
    let interval_ms = u64::try_from(made.interval_ms).unwrap_or(0);
    let mut text = "WEBVTT\n".to_owned();
    for number in 0..count(made.tile_count) {
        let Some(sheet) = pictures.sheets.get(number / TILES) else { break };
        let start_ms = interval_ms * number as u64;
        let (x, y) = place(made, number);
        // Writing to a string cannot fail.
        let _ = write!(
            text,
            "\n{} --> {}\n{sheet}#xywh={x},{y},{},{}\n",
            webvtt_clock(start_ms),
            webvtt_clock(start_ms + interval_ms),
            made.tile_width,
            made.tile_height,
        );
    }
    text
}

/// Where a picture lies on its sheet.
fn place(made: &Trickplay, number: usize) -> (i64, i64) {
    let on_sheet = number % TILES;
    let (column, row) = ((on_sheet % COLUMNS) as i64, (on_sheet / COLUMNS) as i64);
    (column * i64::from(made.tile_width), row * i64::from(made.tile_height))
}

fn count(stored: i32) -> usize {
    usize::try_from(stored).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webvtt_leads_to_the_place_of_every_picture() {
        let made = Trickplay {
            version: "1-2-3".to_owned(),
            interval_ms: 10_000,
            tile_width: 320,
            tile_height: 180,
            tile_count: 402,
            chapter_count: 0,
        };
        let sheets = ["a", "b", "c", "d", "e"].map(|it| format!("/{it}?signature=x"));
        let pictures = Pictures { made, sheets: sheets.into(), chapters: None, vtt: String::new() };
        let text = webvtt(&pictures);
        let cues: Vec<&str> = text.split("\n\n").collect();
        assert_eq!(cues.len(), 403);
        assert_eq!(cues[0], "WEBVTT");
        assert_eq!(cues[1], "00:00:00.000 --> 00:00:10.000\n/a?signature=x#xywh=0,0,320,180");
        assert_eq!(
            cues[100],
            "00:16:30.000 --> 00:16:40.000\n/a?signature=x#xywh=2880,1620,320,180"
        );
        assert_eq!(cues[101], "00:16:40.000 --> 00:16:50.000\n/b?signature=x#xywh=0,0,320,180");
        let last = "01:06:50.000 --> 01:07:00.000\n/e?signature=x#xywh=320,0,320,180\n";
        assert_eq!(cues[402], last);
    }
}
