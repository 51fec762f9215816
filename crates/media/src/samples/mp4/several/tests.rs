use super::*;

/// An entry of sound with this configuration of AAC.
fn sound(kind: [u8; 4], channels: u8, config: &[u8]) -> Vec<u8> {
    let decoder = descriptor(5, config);
    let stream = descriptor(4, &[&[0x40; 13][..], &decoder].concat());
    let esds =
        boxed(*b"esds", &[&[0; 4][..], &descriptor(3, &[&[0; 3][..], &stream].concat())].concat());
    let mut head = vec![0; 28];
    head[17] = channels;
    boxed(kind, &[head, esds].concat())
}

fn descriptor(tag: u8, body: &[u8]) -> Vec<u8> {
    [&[tag, body.len() as u8], body].concat()
}

fn boxed(kind: [u8; 4], body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, body].concat()
}

fn stsd(entries: &[Vec<u8>]) -> Vec<u8> {
    [&[0, 0, 0, 0, 0, 0, 0, entries.len() as u8][..], &entries.concat()].concat()
}

fn outcome(kind: StreamKind, codec: Codec, stsd: &[u8], used: &[u32]) -> Result<Vec<u8>, String> {
    match Joined::of(&Stream::new(0, kind, codec), stsd, used) {
        Joined::One { config, .. } | Joined::InBand { config, .. } => Ok(config),
        Joined::Apart { reason, .. } => Err(reason),
    }
}

#[test]
fn sound_is_copied_only_where_its_descriptions_say_the_same() {
    let of =
        |all: &[Vec<u8>], used: &[u32]| outcome(StreamKind::Audio, Codec::Aac, &stsd(all), used);
    let stereo = sound(*b"mp4a", 2, &[0x11, 0x90]);
    let surround = sound(*b"mp4a", 2, &[0x11, 0xb0]);
    let both = [stereo.clone(), surround.clone()];
    assert_eq!(of(&both[..1], &[0]), Ok(vec![0x11, 0x90]));
    assert_eq!(of(&both, &[0]), Ok(vec![0x11, 0x90]));
    assert_eq!(of(&both, &[1]), Ok(vec![0x11, 0xb0]));
    assert_eq!(of(&[stereo.clone(), stereo.clone()], &[0, 1]), Ok(vec![0x11, 0x90]));
    let changes = |it: &str| Err(format!("the sound track changes {it}"));
    assert_eq!(of(&both, &[0, 1]), changes("how it is coded"));
    let mono = sound(*b"mp4a", 1, &[0x11, 0x90]);
    assert_eq!(of(&[stereo.clone(), mono], &[0, 1]), changes("how it is coded"));
    let hidden = sound(*b"enca", 2, &[0x11, 0x90]);
    assert_eq!(of(&[stereo.clone(), hidden.clone()], &[0, 1]), changes("its codec"));
    assert_eq!(of(&[hidden, stereo], &[1]), changes("its codec"));
}

#[test]
fn pictures_that_say_themselves_how_they_are_coded_may_change_their_size_but_not_their_format() {
    let entry = |config: &[u8]| {
        let mut body = vec![0; 78];
        body.extend(boxed(*b"av1C", config));
        boxed(*b"av01", &body)
    };
    let (low, high) = (entry(&[0x81, 0x04, 0x0c, 0]), entry(&[0x81, 0x08, 0x0c, 0]));
    let deep = entry(&[0x81, 0x04, 0x4c, 0]);
    let of = |all: &[Vec<u8>]| outcome(StreamKind::Video, Codec::Av1, &stsd(all), &[0, 1]);
    assert_eq!(of(&[low.clone(), high]), Ok(vec![0x81, 0x04, 0x0c, 0]));
    assert!(of(&[low, deep]).is_err());
}

#[test]
fn broken_descriptions_are_refused_or_the_first() {
    let of = |stsd: &[u8], used: &[u32]| outcome(StreamKind::Video, Codec::H264, stsd, used);
    assert_eq!(of(&[], &[0, 9]), Ok(Vec::new()));
    assert_eq!(of(&stsd(&[]), &[u32::MAX]), Ok(Vec::new()));
    let entry = |config: &[u8]| {
        let mut body = vec![0; 78];
        body.extend(boxed(*b"avcC", config));
        boxed(*b"avc1", &body)
    };
    let whole = [1, 66, 0, 30, 0xff, 0xe1, 0, 4, 0x67, 66, 0, 30, 1, 0, 2, 0x68, 1];
    for end in 0..whole.len() {
        assert!(of(&stsd(&[entry(&whole), entry(&whole[..end])]), &[0, 1]).is_err(), "{end}");
    }
    assert_eq!(of(&stsd(&[entry(&whole)]), &[0, 1]), Ok(whole.to_vec()));
}

/// `avcC` with units of so many bytes behind their sizes, and one set each of kinds that a number tells apart.
fn several(sizes: [u8; 2]) -> Joined {
    let entry = |n: u8, size_bytes: u8| {
        let mut body = vec![0; 78];
        let config =
            [1, 66, 0, 30, 0xfb + size_bytes, 0xe1, 0, 4, 0x67, 66, 0, n, 1, 0, 2, 0x68, n];
        body.extend(boxed(*b"avcC", &config));
        boxed(*b"avc1", &body)
    };
    let all = stsd(&[entry(1, sizes[0]), entry(2, sizes[1])]);
    Joined::of(&Stream::new(0, StreamKind::Video, Codec::H264), &all, &[0, 1])
}

fn fitted(
    several: &Several,
    file: &[u8],
    description: u32,
    begins: bool,
) -> Result<Vec<u8>, FilmError> {
    let src = Source::new(&file, "test").expect("a source");
    let sample = Sample::at(0, file.len() as u32, 0, true);
    let sample = several.fit(&src, sample, description, begins, &mut 3)?;
    let mut pieces = Vec::new();
    sample.push_to(&mut pieces);
    let bytes: Vec<u8> = pieces
        .into_iter()
        .flat_map(|it| match it {
            Piece::Made(bytes) => bytes,
            Piece::Copied { offset, size } => {
                file[offset as usize..(offset + size) as usize].to_vec()
            }
        })
        .collect();
    assert_eq!(bytes.len(), sample.size as usize);
    Ok(bytes)
}

#[test]
fn sets_stand_before_the_picture_and_behind_what_says_that_it_begins() {
    let Joined::InBand { several, .. } = several([4, 4]) else { panic!("it is joined") };
    let sets = [0, 0, 0, 4, 0x67, 66, 0, 2, 0, 0, 0, 2, 0x68, 2];
    let picture = [0, 0, 0, 2, 0x65, 7];
    let delimiter = [0, 0, 0, 2, 9, 0x10];
    let fit = |file: &[u8], begins| fitted(&several, file, 1, begins).expect("it fits");
    assert_eq!(fit(&picture, false), picture);
    assert_eq!(fit(&picture, true), [&sets[..], &picture].concat());
    let whole = [&delimiter[..], &picture].concat();
    assert_eq!(fit(&whole, true), [&delimiter[..], &sets, &picture].concat());
    for broken in [&[][..], &[0], &[0, 0, 0, 9, 9], &[0xff; 6]] {
        assert_eq!(fit(broken, true), [&sets[..], broken].concat());
    }
}

#[test]
fn sizes_become_four_bytes_and_the_description_says_so() {
    let Joined::InBand { several, config, described, .. } = several([2, 4]) else {
        panic!("it is joined")
    };
    assert_eq!(config[4], 0xff);
    assert!(described.windows(config.len()).any(|it| it == config));
    let fit = |file: &[u8], begins| fitted(&several, file, 0, begins);
    let sets = [0, 0, 0, 4, 0x67, 66, 0, 1, 0, 0, 0, 2, 0x68, 1];
    let (file, wide) = ([0, 2, 9, 0x10, 0, 2, 0x65, 7], [0, 0, 0, 2, 0x65, 7]);
    let delimiter = [0, 0, 0, 2, 9, 0x10];
    assert_eq!(fit(&file, false).unwrap(), [&delimiter[..], &wide].concat());
    assert_eq!(fit(&file, true).unwrap(), [&delimiter[..], &sets, &wide].concat());
    assert_eq!(fit(&[0, 2, 0x65, 7, 0, 9, 1], false).unwrap(), wide, "what is cut off is left out");
    assert!(fit(&[0, 1, 5].repeat(4), false).is_err(), "of too many parts");
}
