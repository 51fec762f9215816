//! The picture of a demo film: a hilly landscape under a wandering moon, the title, a running time code and the frame number.

use anyhow::{Result, ensure};

use crate::ffmpeg::Ffmpeg;

/// What a film looks like.
#[derive(Clone, Copy)]
pub struct Scene {
    /// Burnt in. Letters, digits, spaces and hyphens only, because FFmpeg gives other signs a meaning.
    pub title: &'static str,
    /// The dark color of the ground and the light one of the sky, `0xRRGGBB`.
    pub colors: [u32; 2],
}

/// FFmpeg's source for the picture of a video.
pub fn video(
    scene: &Scene,
    ffmpeg: &Ffmpeg,
    size: [u32; 2],
    rate: u32,
    seconds: u32,
) -> Result<String> {
    let [width, height] = size;
    let Some(font) = &ffmpeg.font else {
        return Ok(format!("testsrc2=size={width}x{height}:rate={rate}:duration={seconds}"));
    };
    let font = font.display();
    let title = checked(scene.title)?;
    let title_size = font_size(title.chars().count(), width).min(height / 9);
    let code_size = height / 18;
    let moon_size = height / 5;
    let landscape = landscape(scene, size);
    // Both pictures are computed once and repeated: only the moon's place and the text change from frame to frame.
    let repeated = format!("loop=loop=-1:size=1,setpts=N/({rate}*TB)");
    Ok(format!(
        "color=black:size={width}x{height}:rate={rate},trim=end_frame=1,{landscape},format=yuv420p,{repeated},\
         trim=duration={seconds}[land];\
         color=white:size={moon_size}x{moon_size}:rate={rate},trim=end_frame=1,format=yuva420p,\
         geq=lum=235:cb=128:cr=128:a='140*clip(W/2-hypot(X-W/2,Y-H/2),0,1)',{repeated}[moon];\
         [land][moon]overlay=x='(W-w)*t/{seconds}':y='H*0.05':shortest=1,setsar=1,\
         drawtext=fontfile={font}:text='{title}':fontcolor=white@0.95:fontsize={title_size}:x=(w-tw)/2:y=h*0.68,\
         drawtext=fontfile={font}:text='%{{pts\\:hms}}   %{{frame_num}}':fontcolor=white@0.8:fontsize={code_size}:\
         x=(w-tw)/2:y=h*0.86"
    ))
}

/// FFmpeg's source for one still picture with the title in large lines: a poster, a backdrop, a cover.
pub fn still(scene: &Scene, ffmpeg: &Ffmpeg, size: [u32; 2]) -> Result<String> {
    use std::fmt::Write as _;

    let [width, height] = size;
    let landscape = landscape(scene, size);
    let mut graph = format!("color=black:size={width}x{height}:rate=1:duration=1,{landscape}");
    let Some(font) = &ffmpeg.font else { return Ok(graph) };
    let font = font.display();
    let lines = lines(checked(scene.title)?);
    let n_letters = lines.iter().map(|it| it.chars().count()).max().unwrap_or(1);
    let size = font_size(n_letters, width).min(height / 9);
    let top = height * 68 / 100;
    for (n, line) in lines.iter().enumerate() {
        let y = top + n as u32 * size * 12 / 10;
        write!(
            graph,
            ",drawtext=fontfile={font}:text='{line}':fontcolor=white@0.95:fontsize={size}:x=w/10:y={y}"
        )?;
    }
    let (bar_y, bar_width, bar_height) = (top - size / 2, width / 6, (height / 150).max(2));
    write!(
        graph,
        ",drawbox=x=iw/10:y={bar_y}:w={bar_width}:h={bar_height}:color=white@0.8:t=fill"
    )?;
    Ok(graph)
}

/// A filter that paints a sky between the two colors, a pale disc and two rows of hills.
fn landscape(scene: &Scene, size: [u32; 2]) -> String {
    let [width, height] = size;
    // The hills of every title run differently.
    let phase = scene.title.bytes().map(u32::from).sum::<u32>() % 7;
    let far = format!("H*(0.52+0.05*sin(5*X/W+{phase}))");
    let near = format!("H*(0.63+0.04*sin(7*X/W+2*{phase}))");
    let radius = width.min(height) / 6;
    let disc = format!("clip({radius}-hypot(X-W*0.7,Y-H*0.24),0,1)*0.45");
    let channel = |n: usize| {
        let [dark, light] = scene.colors.map(|it| it >> (16 - 8 * n) & 0xff);
        format!(
            "'if(gt(Y,{near}),{dark}*0.85,if(gt(Y,{far}),{dark}*0.7+{light}*0.3,\
             lerp({light},{dark},0.7*Y/H)*(1-{disc})+255*{disc}))'"
        )
    };
    format!("format=gbrp,geq=r={}:g={}:b={}", channel(0), channel(1), channel(2))
}

/// The largest letters with which `n_letters` leave a tenth of the width free on each side. A bold letter is about
/// 0.7 of its height wide.
fn font_size(n_letters: usize, width: u32) -> u32 {
    width * 8 / (n_letters as u32 * 7)
}

/// The title in lines of about twelve letters, broken between words.
fn lines(title: &str) -> Vec<String> {
    const LINE_LETTERS: usize = 12;
    let mut lines: Vec<String> = Vec::new();
    for word in title.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= LINE_LETTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn checked(title: &str) -> Result<&str> {
    let is_plain = title.chars().all(|it| it.is_alphanumeric() || it == ' ' || it == '-');
    ensure!(is_plain, "the title {title:?} has signs that FFmpeg would interpret");
    Ok(title)
}

#[cfg(test)]
mod tests {
    use super::{checked, lines};

    #[test]
    fn a_long_title_is_broken_between_words() {
        assert_eq!(lines("The Lantern Keeper"), ["The Lantern", "Keeper"]);
        assert_eq!(lines("Nightjar"), ["Nightjar"]);
        assert_eq!(lines("Intercontinental"), ["Intercontinental"]);
    }

    #[test]
    fn a_title_that_ffmpeg_would_interpret_is_refused() {
        assert!(checked("Salt, Starlight").is_err());
        assert!(checked("Über den Dächern").is_ok());
    }
}
