//! Writes presentation graphics as the files that FFmpeg and mkvmerge take (`.sup`): enough of the format to test what reads it.

/// Width and height in pixels.
pub type Size = (u16, u16);

/// What is shown from a moment on; without pictures, nothing any more.
pub struct Set {
    pub ms: u32,
    /// Begins an epoch, which forgets all that came before.
    pub is_beginning: bool,
    /// By its number: luma, red difference, blue difference, opacity.
    pub palette: Option<Vec<(u8, [u8; 4])>>,
    /// New objects: number, size, colours row by row.
    pub objects: Vec<(u16, Size, Vec<u8>)>,
    /// Which are shown, and where.
    pub shown: Vec<Placed>,
}

/// An object on the canvas.
pub struct Placed {
    pub object: u16,
    /// Its left and top.
    pub place: (u16, u16),
    /// Shown even where no subtitles are wanted.
    pub is_forced: bool,
    /// The part that is shown: left, top, width, height.
    pub crop: Option<[u16; 4]>,
}

/// The whole file.
pub fn write(canvas: Size, sets: &[Set]) -> Vec<u8> {
    let mut file = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        let mut put = |kind: u8, body: &[u8]| {
            file.extend(b"PG");
            file.extend((set.ms * 90).to_be_bytes());
            file.extend([0; 4]);
            file.push(kind);
            file.extend((body.len() as u16).to_be_bytes());
            file.extend(body);
        };
        put(0x16, &composition(canvas, number as u16, set));
        let mut windows = vec![set.shown.len() as u8];
        for (id, Placed { place: (x, y), .. }) in set.shown.iter().enumerate() {
            windows.push(id as u8);
            windows.extend([*x, *y, canvas.0 - x, canvas.1 - y].map(u16::to_be_bytes).concat());
        }
        put(0x17, &windows);
        if let Some(palette) = &set.palette {
            let mut body = vec![0, 0];
            body.extend(palette.iter().flat_map(|(at, [y, cr, cb, a])| [*at, *y, *cr, *cb, *a]));
            put(0x14, &body);
        }
        for (id, size, colors) in &set.objects {
            let packed = pack(size.0.into(), colors);
            // In two pieces, as large ones come.
            let (first, last) = packed.split_at(packed.len() / 2);
            let mut body = [id.to_be_bytes().as_slice(), &[0, 0x80]].concat();
            body.extend(&((packed.len() + 4) as u32).to_be_bytes()[1..]);
            body.extend([size.0, size.1].map(u16::to_be_bytes).concat());
            body.extend(first);
            put(0x15, &body);
            put(0x15, &[id.to_be_bytes().as_slice(), &[0, 0x40], last].concat());
        }
        put(0x80, &[]);
    }
    file
}

fn composition(canvas: Size, number: u16, set: &Set) -> Vec<u8> {
    let mut body = [canvas.0, canvas.1].map(u16::to_be_bytes).concat();
    body.push(0x10);
    body.extend(number.to_be_bytes());
    body.push(if set.is_beginning { 0x80 } else { 0 });
    let is_new_palette_alone = set.palette.is_some() && !set.is_beginning && set.objects.is_empty();
    body.push(if is_new_palette_alone { 0x80 } else { 0 });
    body.extend([0, set.shown.len() as u8]);
    for (window, placed) in set.shown.iter().enumerate() {
        let Placed { object, place: (x, y), is_forced, crop } = placed;
        body.extend(object.to_be_bytes());
        let flags = u8::from(*is_forced) << 6 | u8::from(crop.is_some()) << 7;
        body.extend([window as u8, flags]);
        body.extend([*x, *y].map(u16::to_be_bytes).concat());
        body.extend(crop.iter().flatten().flat_map(|it| it.to_be_bytes()));
    }
    body
}

fn pack(width: usize, colors: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    for row in colors.chunks(width) {
        for run in row.chunk_by(|a, b| a == b) {
            let (n, color) = (run.len(), run[0]);
            let (high, low) = ((n >> 8) as u8, n as u8);
            match (color, n) {
                (1.., 1 | 2) => packed.extend(std::iter::repeat_n(color, n)),
                (0, ..64) => packed.extend([0, low]),
                (0, _) => packed.extend([0, 0x40 | high, low]),
                (_, ..64) => packed.extend([0, 0x80 | low, color]),
                _ => packed.extend([0, 0xc0 | high, low, color]),
            }
        }
        packed.extend([0, 0]);
    }
    packed
}
