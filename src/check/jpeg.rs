//! The bytes of a JPEG → whether its whole picture is there.
//!
//! Decoders fill what is missing with grey, and a PDF carries the file as it is. So the codes of
//! every block are read here, as a decoder reads them, but without computing a pixel.

/// Bytes that may stand between the last block of a scan and the next marker: some cameras leave a
/// few there, and nothing of the picture is lost.
const STRAY: usize = 64;

/// Why a JPEG is not whole.
pub type Damage = &'static str;

const SHORT: Damage = "the data of the picture ends too early";
const NO_END: Damage = "the mark at the end of the file is missing";
const BAD_CODE: Damage = "the data of the picture has a code that does not exist";
const BAD_HEADER: Damage = "the head of the file is damaged";

/// Fails with the reason if a part of the picture is missing or cannot be read.
pub fn whole(bytes: &[u8]) -> Result<(), Damage> {
    let mut file = File { bytes, at: 2, ..File::default() };
    loop {
        match file.marker()? {
            0xd9 => return file.end(),
            0x01 | 0xd0..=0xd8 => {}
            marker => {
                let segment = file.segment()?;
                match marker {
                    0xc0..=0xc2 => file.frame = Some(Frame::new(segment, marker == 0xc2)?),
                    // Arithmetic codes, lossless frames: the decoder refuses those.
                    0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf => return Ok(()),
                    0xc4 => file.tables(segment)?,
                    0xdd => file.interval = word(segment, 0)?,
                    0xda => file.scan(segment)?,
                    _ => {}
                }
            }
        }
    }
}

#[derive(Default)]
struct File<'a> {
    bytes: &'a [u8],
    /// The first byte that is not read yet.
    at: usize,
    frame: Option<Frame>,
    /// The codes of DC coefficients, then those of AC coefficients.
    codes: [[Option<Codes>; 4]; 2],
    /// The number of MCUs between two restarts; 0 where there are none.
    interval: usize,
}

impl<'a> File<'a> {
    /// Goes behind the next marker.
    fn marker(&mut self) -> Result<u8, Damage> {
        loop {
            let rest = self.bytes.get(self.at..).ok_or(NO_END)?;
            let skipped = rest.iter().position(|&byte| byte == 0xff).ok_or(NO_END)?;
            self.at += skipped + 1;
            match self.bytes.get(self.at) {
                None => return Err(NO_END),
                Some(0x00 | 0xff) => {}
                Some(&marker) => {
                    self.at += 1;
                    return Ok(marker);
                }
            }
        }
    }

    /// Goes behind the segment of a marker; returns its bytes without its length.
    fn segment(&mut self) -> Result<&'a [u8], Damage> {
        let length = word(self.bytes, self.at)?;
        let segment = self.bytes.get(self.at + 2..self.at + length.max(2)).ok_or(NO_END)?;
        self.at += length.max(2);
        Ok(segment)
    }

    /// Whether every component had a scan by the end of the file.
    fn end(&self) -> Result<(), Damage> {
        let seen = |frame: &Frame| frame.components.iter().all(|component| component.seen);
        if self.frame.as_ref().is_some_and(seen) { Ok(()) } else { Err(SHORT) }
    }

    fn tables(&mut self, mut segment: &[u8]) -> Result<(), Damage> {
        while let [head, rest @ ..] = segment {
            let lengths = rest.first_chunk::<16>().ok_or(BAD_HEADER)?;
            let count = lengths.iter().map(|&n| usize::from(n)).sum::<usize>();
            let symbols = rest.get(16..16 + count).ok_or(BAD_HEADER)?;
            let kind = self.codes.get_mut(usize::from(head >> 4)).ok_or(BAD_HEADER)?;
            let table = kind.get_mut(usize::from(head & 15)).ok_or(BAD_HEADER)?;
            *table = Some(Codes::new(lengths, symbols)?);
            segment = &rest[16 + count..];
        }
        Ok(())
    }

    /// Reads all blocks of a scan, and goes to the marker after them.
    fn scan(&mut self, head: &[u8]) -> Result<(), Damage> {
        let frame = self.frame.as_mut().ok_or(BAD_HEADER)?;
        let count = usize::from(*head.first().ok_or(BAD_HEADER)?);
        let of_scan = head.get(1..1 + 2 * count).ok_or(BAD_HEADER)?;
        let [first, last, bits] = *head[1 + 2 * count..].first_chunk::<3>().ok_or(BAD_HEADER)?;
        let mut parts = Vec::new();
        for pair in of_scan.chunks_exact(2) {
            let at = frame.components.iter().position(|component| component.id == pair[0]);
            let at = at.ok_or(BAD_HEADER)?;
            let table = |kind: usize, nibble: u8| {
                self.codes[kind].get(usize::from(nibble)).and_then(Option::as_ref)
            };
            parts.push((at, table(0, pair[1] >> 4), table(1, pair[1] & 15)));
        }
        if parts.is_empty()
            || first > last
            || last > 63
            || frame.progressive && parts.len() > 1 && last > 0
        {
            return Err(BAD_HEADER);
        }
        let mut scan = Scan {
            bits: Bits { bytes: self.bytes, at: self.at, buffer: 0, count: 0 },
            progressive: frame.progressive,
            first,
            last: if frame.progressive { last } else { 63 },
            refines: bits >> 4 > 0,
            zero_blocks: 0,
        };
        let (across, down) = frame.units(&parts.iter().map(|part| part.0).collect::<Vec<_>>());
        for unit in 0..across * down {
            if self.interval > 0 && unit > 0 && unit % self.interval == 0 {
                scan.restart(unit / self.interval - 1)?;
            }
            for &(at, dc, ac) in &parts {
                let component = &mut frame.components[at];
                component.seen = true;
                let (wide, high) = match parts.len() {
                    1 => (1, 1),
                    _ => (component.wide, component.high),
                };
                for within in 0..wide * high {
                    let x = unit % across * wide + within % wide;
                    let y = unit / across * high + within / wide;
                    let known = component.known.get_mut(y * component.stride + x);
                    scan.block(dc, ac, known.unwrap_or(&mut 0))?;
                }
            }
        }
        self.at = scan.bits.end()?;
        Ok(())
    }
}

/// The head of the picture.
struct Frame {
    progressive: bool,
    width: usize,
    height: usize,
    components: Vec<Component>,
}

/// A colour of the picture.
struct Component {
    id: u8,
    /// Its blocks in an MCU, across and down.
    wide: usize,
    high: usize,
    /// Its blocks in a row of whole MCUs.
    stride: usize,
    /// For each block of a progressive picture, which coefficients are known not to be zero.
    known: Vec<u64>,
    /// Whether a scan has had it.
    seen: bool,
}

impl Frame {
    fn new(segment: &[u8], progressive: bool) -> Result<Frame, Damage> {
        let (height, width) = (word(segment, 1)?, word(segment, 3)?);
        let count = usize::from(*segment.get(5).ok_or(BAD_HEADER)?);
        let parts = segment.get(6..6 + 3 * count).ok_or(BAD_HEADER)?;
        let component = |part: &[u8]| Component {
            id: part[0],
            wide: usize::from(part[1] >> 4),
            high: usize::from(part[1] & 15),
            stride: 0,
            known: Vec::new(),
            seen: false,
        };
        let components = parts.chunks_exact(3).map(component).collect();
        let mut frame = Frame { progressive, width, height, components };
        let sane = |c: &Component| (1..=4).contains(&c.wide) && (1..=4).contains(&c.high);
        if !(1..=4).contains(&count) || !frame.components.iter().all(sane) || width * height == 0 {
            return Err(BAD_HEADER);
        }
        let (across, down) = frame.units(&[0, 0]);
        for component in &mut frame.components {
            component.stride = across * component.wide;
            if progressive {
                component.known = vec![0; component.stride * down * component.high];
            }
        }
        Ok(frame)
    }

    /// The MCUs across and down of a scan of these components: a single one has its own blocks.
    fn units(&self, of_scan: &[usize]) -> (usize, usize) {
        let wide = self.components.iter().map(|c| c.wide).max().unwrap_or(1);
        let high = self.components.iter().map(|c| c.high).max().unwrap_or(1);
        match of_scan {
            [at] => {
                let own = &self.components[*at];
                let across = (self.width * own.wide).div_ceil(wide).div_ceil(8);
                (across, (self.height * own.high).div_ceil(high).div_ceil(8))
            }
            _ => (self.width.div_ceil(8 * wide), self.height.div_ceil(8 * high)),
        }
    }
}

/// A scan while it is read.
struct Scan<'a> {
    bits: Bits<'a>,
    progressive: bool,
    /// The first and the last coefficient of each block.
    first: u8,
    last: u8,
    /// Whether it adds a bit to coefficients that an earlier scan has had.
    refines: bool,
    /// The number of further blocks that have no new coefficient.
    zero_blocks: u32,
}

impl Scan<'_> {
    fn restart(&mut self, index: usize) -> Result<(), Damage> {
        self.zero_blocks = 0;
        let at = self.bits.end()?;
        let expected = 0xd0 + (index % 8) as u8;
        if self.bits.bytes.get(at + 1) != Some(&expected) {
            return Err(SHORT);
        }
        self.bits = Bits { bytes: self.bits.bytes, at: at + 2, buffer: 0, count: 0 };
        Ok(())
    }

    fn block(
        &mut self,
        dc: Option<&Codes>,
        ac: Option<&Codes>,
        known: &mut u64,
    ) -> Result<(), Damage> {
        if self.first == 0 || !self.progressive {
            if self.refines && self.progressive {
                self.bits.take(1)?;
            } else {
                let length = self.bits.symbol(dc.ok_or(BAD_HEADER)?)?;
                self.bits.take(u32::from(length.min(16)))?;
            }
        }
        if self.last == 0 {
            return Ok(());
        }
        let ac = ac.ok_or(BAD_HEADER)?;
        match self.refines && self.progressive {
            true => self.refine(ac, known),
            false => self.coefficients(ac, known),
        }
    }

    /// The coefficients of a block that no scan has had.
    fn coefficients(&mut self, ac: &Codes, known: &mut u64) -> Result<(), Damage> {
        if self.zero_blocks > 0 {
            self.zero_blocks -= 1;
            return Ok(());
        }
        let mut at = self.first.max(1);
        while at <= self.last {
            let symbol = self.bits.symbol(ac)?;
            let (zeros, length) = (symbol >> 4, symbol & 15);
            if length == 0 {
                match zeros {
                    15 => at += 16,
                    _ => {
                        self.zero_blocks = self.run(zeros)? - 1;
                        break;
                    }
                }
                continue;
            }
            at += zeros;
            if at > 63 {
                return Err(BAD_CODE);
            }
            *known |= 1 << at;
            self.bits.take(u32::from(length))?;
            at += 1;
        }
        Ok(())
    }

    /// One more bit of the coefficients of a block.
    fn refine(&mut self, ac: &Codes, known: &mut u64) -> Result<(), Damage> {
        let mut at = self.first;
        while self.zero_blocks == 0 && at <= self.last {
            let symbol = self.bits.symbol(ac)?;
            let (mut zeros, length) = (symbol >> 4, symbol & 15);
            match (length, zeros) {
                (0, 15) => {}
                (0, _) => {
                    self.zero_blocks = self.run(zeros)?;
                    break;
                }
                _ => self.bits.take(1).map(drop)?,
            }
            while at <= self.last {
                if *known >> at & 1 == 1 {
                    self.bits.take(1)?;
                } else if zeros == 0 {
                    break;
                } else {
                    zeros -= 1;
                }
                at += 1;
            }
            if length > 0 && at <= self.last {
                *known |= 1 << at;
            }
            at += 1;
        }
        if self.zero_blocks > 0 {
            for at in at..=self.last {
                self.bits.take(u32::from((*known >> at & 1) as u8))?;
            }
            self.zero_blocks -= 1;
        }
        Ok(())
    }

    /// The number of blocks, this one counted, that end here. Only progressive pictures have more
    /// than one.
    fn run(&mut self, bits: u8) -> Result<u32, Damage> {
        let more = if self.progressive { self.bits.take(bits.into())? } else { 0 };
        Ok(if self.progressive { (1 << bits) + more } else { 1 })
    }
}

/// The bits of a scan, up to the next marker.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Its last `count` bits are the next ones.
    buffer: u64,
    count: u32,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 48 {
            let (byte, length) = match self.bytes.get(self.at..).unwrap_or_default() {
                [0xff, 0x00, ..] => (0xff, 2),
                [0xff, ..] | [] => return,
                [byte, ..] => (*byte, 1),
            };
            self.at += length;
            self.buffer = self.buffer << 8 | u64::from(byte);
            self.count += 8;
        }
    }

    fn take(&mut self, bits: u32) -> Result<u32, Damage> {
        if self.count < bits {
            self.fill();
        }
        self.count = self.count.checked_sub(bits).ok_or(SHORT)?;
        Ok((self.buffer >> self.count & ((1 << bits) - 1)) as u32)
    }

    fn symbol(&mut self, codes: &Codes) -> Result<u8, Damage> {
        if self.count < 16 {
            self.fill();
        }
        let next = match self.count {
            0..16 => self.buffer << (16 - self.count),
            _ => self.buffer >> (self.count - 16),
        } as u16;
        let (length, symbol) = codes.read(next).ok_or(BAD_CODE)?;
        self.count = self.count.checked_sub(length).ok_or(SHORT)?;
        Ok(symbol)
    }

    /// The place of the next marker.
    fn end(&self) -> Result<usize, Damage> {
        let mut at = self.at;
        loop {
            match self.bytes.get(at..).unwrap_or_default() {
                [0xff, 0x00, ..] => at += 2,
                [0xff, 0xff, ..] => at += 1,
                [0xff, _, ..] => break,
                [] | [_] => return Err(NO_END),
                _ => at += 1,
            }
        }
        let stray = at - self.at + self.count as usize / 8;
        if stray > STRAY { Err(BAD_CODE) } else { Ok(at) }
    }
}

/// Bits that are looked up at once; longer codes are rare.
const QUICK: u32 = 9;

/// The codes of a Huffman table.
struct Codes {
    /// For the next bits, the length and symbol of their code, if it is that short.
    quick: Vec<(u8, u8)>,
    /// For each length, the code after its last one, moved to the left of 16 bits; and what to add
    /// to a code for the index of its symbol.
    ends: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Codes {
    fn new(lengths: &[u8; 16], symbols: &[u8]) -> Result<Codes, Damage> {
        let mut codes =
            Codes { quick: vec![(0, 0); 1 << QUICK], ends: [(0, 0); 17], symbols: symbols.into() };
        let (mut code, mut index) = (0u32, 0usize);
        for length in 1..=16u32 {
            let count = u32::from(lengths[length as usize - 1]);
            if code + count > 1 << length {
                return Err(BAD_HEADER);
            }
            codes.ends[length as usize] =
                ((code + count) << (16 - length), index as i32 - code as i32);
            for symbol in &symbols[index..index + count as usize] {
                if length <= QUICK {
                    let (start, width) = (code << (QUICK - length), 1 << (QUICK - length));
                    let slots = &mut codes.quick[start as usize..(start + width) as usize];
                    slots.fill((length as u8, *symbol));
                }
                code += 1;
                index += 1;
            }
            code <<= 1;
        }
        Ok(codes)
    }

    /// The length and symbol of the code at the start of 16 bits.
    fn read(&self, bits: u16) -> Option<(u32, u8)> {
        if let (length @ 1.., symbol) = self.quick[usize::from(bits >> (16 - QUICK))] {
            return Some((length.into(), symbol));
        }
        let length = (QUICK + 1..=16).find(|&n| u32::from(bits) < self.ends[n as usize].0)?;
        let code = i32::from(bits >> (16 - length));
        let index = usize::try_from(code + self.ends[length as usize].1).ok()?;
        Some((length, *self.symbols.get(index)?))
    }
}

fn word(bytes: &[u8], at: usize) -> Result<usize, Damage> {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>()).ok_or(NO_END)?;
    Ok(usize::from(u16::from_be_bytes(*word)))
}
