//! MP4 files of one track whose samples are described in several ways, put together of others: each is one of the parts that
//! FFmpeg made.

use std::collections::BTreeSet;

/// What one track of a file holds.
#[derive(Clone)]
pub struct Part {
    /// The entry of `stsd`, with its head.
    pub entry: Vec<u8>,
    pub samples: Vec<Coded>,
    moov: Vec<u8>,
}

/// A sample.
#[derive(Clone)]
pub struct Coded {
    pub bytes: Vec<u8>,
    duration: u32,
    delay: u32,
    is_key: bool,
}

/// The entries of a track, and its parts, each with the place of its own.
pub type Track<'a> = (&'a [&'a [u8]], &'a [(&'a Part, u32)]);

/// The bodies of boxes, by their kinds.
pub fn boxes(mut bytes: &[u8]) -> Vec<([u8; 4], &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 8 {
        let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        found.push((bytes[4..8].try_into().unwrap(), &bytes[8..size]));
        bytes = &bytes[size..];
    }
    found
}

fn find<'a>(bytes: &'a [u8], path: &[&[u8; 4]]) -> Option<&'a [u8]> {
    let (kind, rest) = path.split_first()?;
    let body = boxes(bytes).into_iter().find(|it| it.0 == **kind)?.1;
    if rest.is_empty() { Some(body) } else { find(body, rest) }
}

fn nest(kind: [u8; 4], bodies: &[&[u8]]) -> Vec<u8> {
    let body = bodies.concat();
    [&(body.len() as u32 + 8).to_be_bytes()[..], &kind, &body].concat()
}

fn words(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|it| it.to_be_bytes()).collect()
}

fn numbers(body: &[u8]) -> Vec<u32> {
    body.chunks_exact(4).map(|it| u32::from_be_bytes(it.try_into().unwrap())).collect()
}

const TABLE: [&[u8; 4]; 4] = [b"trak", b"mdia", b"minf", b"stbl"];

/// The first track of a file that has tables.
pub fn read(file: &[u8]) -> Part {
    let moov = find(file, &[b"moov"]).expect("an index");
    let table = |kind| find(find(moov, &TABLE).expect("tables"), &[kind]);
    let each = |body: Option<&[u8]>| -> Vec<u32> {
        let numbers = numbers(body.unwrap_or_default());
        let pairs = numbers.get(2..).unwrap_or_default().chunks_exact(2);
        pairs.flat_map(|it| vec![it[1]; it[0] as usize]).collect()
    };
    let sizes = numbers(table(b"stsz").expect("sizes"))[3..].to_vec();
    let (durations, delays) = (each(table(b"stts")), each(table(b"ctts")));
    let keys: Option<BTreeSet<u32>> =
        table(b"stss").map(|it| numbers(it)[2..].iter().copied().collect());
    let offsets = numbers(table(b"stco").expect("places"))[2..].to_vec();
    let runs = numbers(table(b"stsc").expect("runs"))[2..].to_vec();
    let mut samples = Vec::new();
    for (chunk, offset) in (1_u32..).zip(offsets) {
        let run = runs.chunks_exact(3).rfind(|it| it[0] <= chunk).expect("a run");
        let mut at = offset as usize;
        for _ in 0..run[1] {
            let n = samples.len();
            let size = sizes[n] as usize;
            samples.push(Coded {
                bytes: file[at..at + size].to_vec(),
                duration: durations[n],
                delay: delays.get(n).copied().unwrap_or(0),
                is_key: keys.as_ref().is_none_or(|it| it.contains(&(n as u32 + 1))),
            });
            at += size;
        }
    }
    let entry = table(b"stsd").expect("a description")[8..].to_vec();
    Part { entry, samples, moov: moov.to_vec() }
}

/// The movie around tracks with these tables, like the first parts of each.
fn movie(tracks: &[(&Part, Vec<u8>)], extends: &[u8]) -> Vec<u8> {
    let header = find(&tracks[0].0.moov, &[b"mvhd"]).expect("a header");
    let traks: Vec<u8> = (1_u32..).zip(tracks).flat_map(|(id, it)| trak(id, it.0, &it.1)).collect();
    nest(*b"moov", &[&nest(*b"mvhd", &[header]), &traks, extends])
}

fn trak(id: u32, part: &Part, table: &[u8]) -> Vec<u8> {
    let body = |path: &[&[u8; 4]]| find(&part.moov, path).expect("a header");
    let mut header = body(&[b"trak", b"tkhd"]).to_vec();
    header[12..16].copy_from_slice(&id.to_be_bytes());
    let others: Vec<Vec<u8>> = boxes(body(&TABLE[..3]))
        .iter()
        .filter(|it| it.0 != *b"stbl")
        .map(|it| nest(it.0, &[it.1]))
        .collect();
    let minf = nest(*b"minf", &[&others.concat(), table]);
    let [clock, handler] = [b"mdhd", b"hdlr"].map(|it| nest(*it, &[body(&[b"trak", b"mdia", it])]));
    let media = nest(*b"mdia", &[&clock, &handler, &minf]);
    nest(*b"trak", &[&nest(*b"tkhd", &[&header]), &media])
}

fn description(entries: &[&[u8]]) -> Vec<u8> {
    nest(*b"stsd", &[&words(&[0, entries.len() as u32]), &entries.concat()])
}

/// The parts one behind the other, with tables; each names an entry by its place.
pub fn with_tables(entries: &[&[u8]], parts: &[(&Part, u32)]) -> Vec<u8> {
    with_tracks(&[(entries, parts)])
}

/// The same of several tracks.
pub fn with_tracks(tracks: &[Track<'_>]) -> Vec<u8> {
    let ftyp = nest(*b"ftyp", &[b"isom\0\0\0\0isom"]);
    let mut offset = ftyp.len() as u32 + 8;
    let (mut tables, mut media) = (Vec::new(), Vec::new());
    for (entries, parts) in tracks {
        let table = table(entries, parts, &mut offset);
        tables.push((parts[0].0, table));
        media.extend(parts.iter().flat_map(|it| &it.0.samples).flat_map(|it| it.bytes.clone()));
    }
    [ftyp, nest(*b"mdat", &[&media]), movie(&tables, &[])].concat()
}

/// Tables of samples that lie from `offset` on, behind which the next ones are.
fn table(entries: &[&[u8]], parts: &[(&Part, u32)], offset: &mut u32) -> Vec<u8> {
    let all = || parts.iter().flat_map(|it| &it.0.samples);
    let each = |pick: fn(&Coded) -> u32| {
        let pairs: Vec<u32> = all().flat_map(|it| [1, pick(it)]).collect();
        [words(&[0, pairs.len() as u32 / 2]), words(&pairs)].concat()
    };
    let (mut places, mut runs, mut keys) = (Vec::new(), Vec::new(), Vec::new());
    let mut number = 0;
    for (chunk, (part, entry)) in (1_u32..).zip(parts) {
        places.push(*offset);
        runs.extend([chunk, part.samples.len() as u32, entry + 1]);
        for it in &part.samples {
            number += 1;
            keys.extend(it.is_key.then_some(number));
            *offset += it.bytes.len() as u32;
        }
    }
    let sizes: Vec<u32> = all().map(|it| it.bytes.len() as u32).collect();
    let counted =
        |list: &[u32], width: u32| [words(&[0, list.len() as u32 / width]), words(list)].concat();
    let boxes = [
        description(entries),
        nest(*b"stts", &[&each(|it| it.duration)]),
        nest(*b"ctts", &[&each(|it| it.delay)]),
        nest(*b"stss", &[&counted(&keys, 1)]),
        nest(*b"stsc", &[&counted(&runs, 3)]),
        nest(*b"stsz", &[&words(&[0, 0, sizes.len() as u32]), &words(&sizes)]),
        nest(*b"stco", &[&counted(&places, 1)]),
    ];
    nest(*b"stbl", &[&boxes.concat()])
}

/// The same in fragments; the first entry is the usual one.
pub fn with_fragments(entries: &[&[u8]], parts: &[(&Part, u32)]) -> Vec<u8> {
    let table = [
        description(entries),
        nest(*b"stts", &[&words(&[0, 0])]),
        nest(*b"stsc", &[&words(&[0, 0])]),
        nest(*b"stsz", &[&words(&[0, 0, 0])]),
        nest(*b"stco", &[&words(&[0, 0])]),
    ];
    let usual = nest(*b"trex", &[&words(&[0, 1, 1, 0, 0, 0])]);
    let table = nest(*b"stbl", &[&table.concat()]);
    let moov = movie(&[(parts[0].0, table)], &nest(*b"mvex", &[&usual]));
    let mut file = [nest(*b"ftyp", &[b"iso6\0\0\0\0iso6"]), moov].concat();
    let mut time = 0;
    for (n, (part, entry)) in parts.iter().enumerate() {
        let runs: Vec<u32> = part
            .samples
            .iter()
            .flat_map(|it| {
                let flags = if it.is_key { 0x0200_0000 } else { 0x0101_0000 };
                [it.duration, it.bytes.len() as u32, flags, it.delay]
            })
            .collect();
        let fragment = |offset: u32| {
            // Offsets count from the fragment; the first entry need not be named.
            let head = if *entry == 0 {
                words(&[0x02_0000, 1])
            } else {
                words(&[0x02_0002, 1, entry + 1])
            };
            let run = [words(&[0xf01, part.samples.len() as u32, offset]), words(&runs)].concat();
            let traf = [
                nest(*b"tfhd", &[&head]),
                nest(*b"tfdt", &[&words(&[0, time])]),
                nest(*b"trun", &[&run]),
            ];
            let number = nest(*b"mfhd", &[&words(&[0, n as u32 + 1])]);
            nest(*b"moof", &[&number, &nest(*b"traf", &[&traf.concat()])])
        };
        let offset = fragment(0).len() as u32 + 8;
        let media: Vec<u8> = part.samples.iter().flat_map(|it| it.bytes.clone()).collect();
        file.extend(fragment(offset));
        file.extend(nest(*b"mdat", &[&media]));
        time += part.samples.iter().map(|it| it.duration).sum::<u32>();
    }
    file
}

/// The same part of H.264 with sizes of two bytes before its units.
pub fn with_short_sizes(part: &Part) -> Part {
    let mut part = part.clone();
    let at = part.entry.windows(4).position(|it| it == b"avcC").expect("a configuration");
    part.entry[at + 4 + 4] = 0xfd;
    for sample in &mut part.samples {
        let (mut short, mut rest) = (Vec::new(), sample.bytes.as_slice());
        while !rest.is_empty() {
            let size = u32::from_be_bytes(rest[..4].try_into().unwrap()) as usize;
            short.extend(u16::try_from(size).expect("a small unit").to_be_bytes());
            short.extend(&rest[4..4 + size]);
            rest = &rest[4 + size..];
        }
        sample.bytes = short;
    }
    part
}
