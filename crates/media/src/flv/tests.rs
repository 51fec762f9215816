//! Tags put together one by one, for what no tool at hand writes.

use super::*;
use crate::read::ReadAt;

fn tag(kind: u8, time_ms: u32, body: &[u8]) -> Vec<u8> {
    let size = (body.len() as u32).to_be_bytes();
    let time = time_ms.to_be_bytes();
    let mut bytes = vec![kind, size[1], size[2], size[3], time[1], time[2], time[3], time[0]];
    bytes.extend([0; 3]);
    bytes.extend(body);
    bytes.extend((body.len() as u32 + 11).to_be_bytes());
    bytes
}

fn film(tags: &[Vec<u8>]) -> Vec<u8> {
    [b"FLV\x01\x05\0\0\0\x09\0\0\0\0".to_vec(), tags.concat()].concat()
}

fn read_bytes(bytes: &[u8]) -> Result<Probe, ProbeError> {
    let source: &dyn ReadAt = &bytes;
    read(&Source::new(source, "FLV").unwrap())
}

/// A key frame of VP6 of 20 by 12 blocks, of which four columns and eight lines of pixels are not shown.
const VP6: [u8; 8] = [0x14, 0x48, 0x00, 0x06, 12, 20, 12, 20];

#[test]
fn what_no_script_says_is_told_by_the_frames() {
    let tags: Vec<_> = (0..30).map(|it| tag(9, 40 * it, &VP6)).collect();
    let sound = tag(8, 0, &[0x5a, 0]);
    let probe = read_bytes(&film(&[vec![sound], tags].concat())).unwrap();
    let [sound, video] = &probe.streams[..] else { panic!("two streams") };
    assert_eq!((sound.codec.as_str(), sound.sample_rate), ("nellymoser", Some(8000)));
    assert_eq!((video.codec.as_str(), video.frame_rate), ("vp6f", Rational::new(25, 1)));
    assert_eq!((video.width, video.height), (Some(316), Some(184)));
    assert_eq!(probe.duration_ms, Some(29 * 40));
}

#[test]
fn tags_that_were_lost_are_passed_over() {
    let tags: Vec<_> = (0..30).map(|it| tag(9, 40 * it, &VP6)).collect();
    let mut bytes = film(&[tags.clone(), vec![vec![9; 333]], tags].concat());
    bytes.extend([8, 0, 1]);
    let source: &dyn ReadAt = &bytes.as_slice();
    let src = Source::new(source, "FLV").unwrap();
    let mut n_tags = 0;
    walk(&src, begin(&src).unwrap(), u64::MAX, |_| {
        n_tags += 1;
        true
    })
    .unwrap();
    assert_eq!(n_tags, 60);
}

#[test]
fn a_time_of_more_than_four_hours_stands_in_two_places() {
    let bytes = film(&[tag(9, 20_000_000, &VP6)]);
    assert_eq!(read_bytes(&bytes).unwrap().duration_ms, Some(20_000_000));
    assert!(read_bytes(&film(&[])).is_err());
}
