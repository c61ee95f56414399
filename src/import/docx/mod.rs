//! The bytes of a .docx → its lines, with their typography and pictures.

pub mod parse;

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;

use crate::check::picture;
use crate::diag::Code;
use crate::import::code::{ErrorCode, ImportError, RemarkCode};
use crate::import::line::{
    Align, Line, Object, PictureFile, Piece, Place, Remark, Source, is_invisible,
};
use crate::import::magic::extension;
use crate::import::vocabulary::pattern;
use crate::source::limits;
use parse::{Node, Numbering, Properties, Styles, XmlError, raw_text, tree};

/// The most bytes of an unpacked XML part: some fifty times the longest issue.
const MAX_XML: u64 = 24 << 20;
/// The most bytes of a picture, as in [`crate::check`].
const MAX_PICTURE: u64 = 32 << 20;
/// The most bytes unpacked from one file.
const MAX_TOTAL: u64 = 160 << 20;

/// Whether a zip is an OpenDocument file, which LibreOffice reads.
pub fn is_open_document(bytes: &[u8]) -> bool {
    // The standard requires the type to stand uncompressed at the beginning.
    bytes.get(30..130).is_some_and(|head| {
        head.windows(38).any(|part| part == b"application/vnd.oasis.opendocument.tex")
    })
}

/// Reads a .docx.
pub fn read(bytes: &[u8]) -> Result<Source, ImportError> {
    let mut package = Package::open(bytes)?;
    let Some(document) = package.xml("word/document.xml")? else {
        return Err(ImportError::new(ErrorCode::NotDocx, "word/document.xml"));
    };
    let relations = package.relations()?;
    let styles =
        package.xml("word/styles.xml")?.map(|root| Styles::read(&root)).unwrap_or_default();
    let numbering =
        package.xml("word/numbering.xml")?.map(|root| Numbering::read(&root)).unwrap_or_default();
    let mut notes = HashMap::new();
    for (part, mark) in [("word/footnotes.xml", "w:footnote"), ("word/endnotes.xml", "w:endnote")] {
        let Some(root) = package.xml(part)? else { continue };
        for note in root.children.into_iter().filter(|node| node.name == mark) {
            let separator = note.attribute("w:type").is_some_and(|kind| kind != "normal");
            if let Some(id) = note.attribute("w:id").map(|id| format!("{mark}{id}"))
                && !separator
            {
                notes.insert(id, note);
            }
        }
    }
    let mut reader = Reader {
        package,
        relations,
        styles,
        numbering,
        notes,
        source: Source::default(),
        count: 0,
        gap: 0,
        place: Place::Margin,
        deleted: 0,
        pixels: limits::ISSUE_PIXELS,
        bytes: limits::IMPORT_BYTES,
        left_out: HashMap::new(),
        raw: String::new(),
    };
    let (heads, feet) = reader.margins()?;
    heads.iter().for_each(|part| reader.part(part));
    reader.place = Place::Body;
    reader.part(&document);
    reader.place = Place::Margin;
    feet.iter().for_each(|part| reader.part(part));
    Ok(reader.finish())
}

/// A zip whose parts are unpacked within limits.
struct Package<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    unpacked: u64,
    /// How many elements and attributes its parts may still have.
    nodes: usize,
}

impl<'a> Package<'a> {
    fn open(bytes: &'a [u8]) -> Result<Self, ImportError> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|error| ImportError::new(ErrorCode::BrokenZip, error))?;
        if zip.len() > 10_000 {
            return Err(ImportError::new(ErrorCode::ZipBomb, zip.len()));
        }
        let unsafe_name = zip
            .file_names()
            .map(|name| name.map_or_else(|_| "..".into(), |name| name.into_owned()))
            .find(|name| is_unsafe(name));
        if let Some(name) = unsafe_name {
            return Err(ImportError::new(ErrorCode::UnsafePath, name));
        }
        Ok(Package { zip, unpacked: 0, nodes: parse::MOST })
    }

    fn bytes(&mut self, name: &str, limit: u64) -> Result<Option<Vec<u8>>, ImportError> {
        let file = match self.zip.by_name(name) {
            Ok(file) => file,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(error) => return Err(ImportError::new(ErrorCode::BrokenZip, error)),
        };
        let limit = limit.min(MAX_TOTAL - self.unpacked);
        let mut bytes = Vec::new();
        let read = file.take(limit + 1).read_to_end(&mut bytes);
        read.map_err(|error| ImportError::new(ErrorCode::BrokenZip, error))?;
        if bytes.len() as u64 > limit {
            return Err(ImportError::new(
                ErrorCode::ZipBomb,
                format!("{name} > {} MB", limit >> 20),
            ));
        }
        self.unpacked += bytes.len() as u64;
        Ok(Some(bytes))
    }

    fn xml(&mut self, name: &str) -> Result<Option<Node>, ImportError> {
        let Some(bytes) = self.bytes(name, MAX_XML)? else { return Ok(None) };
        tree(&bytes, &mut self.nodes).map(Some).map_err(|error| match error {
            XmlError::DocumentType => ImportError::new(ErrorCode::Entities, name),
            XmlError::TooLarge => ImportError::new(ErrorCode::ZipBomb, name),
            XmlError::Malformed(detail) => {
                ImportError::new(ErrorCode::BrokenXml, format!("{name}: {detail}"))
            }
        })
    }

    /// The targets of the document's relations, by id.
    fn relations(&mut self) -> Result<HashMap<String, String>, ImportError> {
        let Some(root) = self.xml("word/_rels/document.xml.rels")? else {
            return Ok(HashMap::new());
        };
        let inside =
            root.children.iter().filter(|node| node.attribute("TargetMode") != Some("External"));
        let mut relations = HashMap::new();
        for node in inside {
            let (Some(id), Some(target)) = (node.attribute("Id"), node.attribute("Target")) else {
                continue;
            };
            let target =
                target.strip_prefix('/').map_or_else(|| format!("word/{target}"), String::from);
            let target = target.replace("word/../", "");
            if is_unsafe(&target) {
                return Err(ImportError::new(ErrorCode::UnsafePath, target));
            }
            relations.insert(id.to_string(), target);
        }
        Ok(relations)
    }
}

fn is_unsafe(name: &str) -> bool {
    name.split(['/', '\\']).any(|part| part == "..")
        || name.starts_with(['/', '\\'])
        || name.contains(':')
}

struct Reader<'a> {
    package: Package<'a>,
    relations: HashMap<String, String>,
    styles: Styles,
    numbering: Numbering,
    notes: HashMap<String, Node>,
    source: Source,
    count: usize,
    gap: usize,
    place: Place,
    /// The pixels left to further pictures, and the bytes.
    pixels: u64,
    bytes: u64,
    /// Why pictures were left out, by their files: a file may be named many times.
    left_out: HashMap<String, RemarkCode>,
    deleted: usize,
    raw: String,
}

/// A paragraph while its runs are read.
#[derive(Default)]
struct Open {
    /// The lines of the paragraph so far; a line break begins another.
    lines: Vec<Vec<Piece>>,
    size: f32,
    colors: Vec<bool>,
    objects: Vec<Object>,
    boxes: Vec<Line>,
}

/// A cell of a table.
struct Cell {
    /// The lines of the cell.
    lines: Vec<Line>,
    /// The number of columns that the cell spans.
    span: usize,
    /// Whether the cell spans several columns, or continues the cell above.
    merged: bool,
}

impl Cell {
    /// The text of the cell, and an empty text for each further column.
    fn texts(&self) -> impl Iterator<Item = String> {
        let text = self.lines.iter().map(Line::text).collect::<Vec<_>>().join(" ");
        std::iter::once(text).chain((1..self.span.min(64)).map(|_| String::new()))
    }

    /// Whether the cell contains what a table's cell cannot hold: a picture, a table, a note.
    fn has_objects(&self) -> bool {
        let is_note = |line: &Line| line.pieces.iter().any(|piece| piece.note);
        self.lines.iter().any(|line| line.object.is_some() || is_note(line))
    }
}

impl Reader<'_> {
    /// The headers and footers, without repeated texts.
    fn margins(&mut self) -> Result<(Vec<Node>, Vec<Node>), ImportError> {
        let mut names: Vec<String> = self.relations.values().cloned().collect();
        names.sort();
        names.dedup();
        let (mut heads, mut feet) = (Vec::new(), Vec::new());
        for name in names {
            let is_head = name.starts_with("word/header");
            if !is_head && !name.starts_with("word/footer") {
                continue;
            }
            if let Some(root) = self.package.xml(&name)? {
                if is_head { heads.push(root) } else { feet.push(root) }
            }
        }
        Ok((heads, feet))
    }

    fn part(&mut self, root: &Node) {
        raw_text(root, &mut self.raw);
        let body = root.child("w:body").unwrap_or(root);
        self.blocks(body);
    }

    fn blocks(&mut self, parent: &Node) {
        for node in &parent.children {
            match node.name.as_str() {
                "w:p" => self.paragraph(node),
                "w:tbl" => self.table(node),
                "w:del" | "w:moveFrom" => self.deleted += 1,
                "mc:AlternateContent" => {
                    if let Some(choice) = node.child("mc:Choice").or(node.child("mc:Fallback")) {
                        self.blocks(choice);
                    }
                }
                // Another program than Word may put the text of a line, or blocks, into elements
                // that the standard does not allow here.
                "w:r" | "w:t" | "w:hyperlink" | "w:fldSimple" | "m:t" | "m:oMath"
                | "m:oMathPara" => {
                    let mut line = Node { name: "w:p".into(), ..Node::default() };
                    line.children.push(node.clone());
                    self.paragraph(&line);
                }
                _ => self.blocks(node),
            }
        }
    }

    fn paragraph(&mut self, node: &Node) {
        self.count += 1;
        let number = self.count;
        let own = node.child("w:pPr").map(Properties::read).unwrap_or_default();
        let style = node
            .child("w:pPr")
            .and_then(|p| p.value("w:pStyle"))
            .map(String::from)
            .or(self.styles.normal.clone());
        let style = self.styles.resolve(style.as_deref());
        let properties = own.over(&style).over(&self.styles.defaults);
        let mut open = Open { lines: vec![Vec::new()], ..Open::default() };
        if let Some((list, level)) = &properties.numbering
            && let Some(text) = self.numbering.next(list, *level)
        {
            let piece = Piece { text, restored: true, ..Piece::default() };
            open.lines[0].push(piece);
        }
        let base = style.over(&self.styles.defaults);
        self.runs(node, &base, &mut open);
        self.close(number, &properties, open);
    }

    fn close(&mut self, number: usize, properties: &Properties, open: Open) {
        let Open { lines, size, colors, objects, boxes } = open;
        self.source.lines.extend(boxes);
        let align = match properties.align.as_deref() {
            Some("center" | "distribute") => Align::Center,
            Some("right" | "end") => Align::End,
            _ => Align::Start,
        };
        let red = !colors.is_empty() && colors.iter().all(|red| *red);
        for (at, pieces) in lines.into_iter().enumerate() {
            let shown: String =
                pieces.iter().filter(|p| !p.restored).map(|p| p.text.as_str()).collect();
            if shown.trim().is_empty() {
                continue;
            }
            let typed = crate::import::line::indent(&shown);
            // Only the first line of a paragraph is indented.
            let indent = if at == 0 { properties.indent.unwrap_or(0.0) + typed } else { typed };
            let size = Some(size).filter(|size| *size > 0.0).or(properties.size).or(Some(10.5));
            let gap = std::mem::take(&mut self.gap);
            let outline = properties.outline.filter(|level| *level < 9).map(|level| level + 1);
            let mut line = Line {
                number,
                pieces,
                align,
                indent,
                size,
                red,
                outline,
                gap,
                place: self.place,
                ..Line::default()
            };
            line.pieces = line.slice(0, usize::MAX);
            if !line.pieces.is_empty() {
                self.source.lines.push(line);
            }
        }
        if self.source.lines.last().is_none_or(|line| line.number != number) && objects.is_empty() {
            self.gap += 1;
        }
        for object in objects {
            self.source.lines.push(Line {
                number,
                object: Some(object),
                place: self.place,
                ..Line::default()
            });
        }
    }

    fn runs(&mut self, parent: &Node, base: &Properties, open: &mut Open) {
        parent.children.iter().for_each(|node| self.inline(node, base, open));
    }

    fn inline(&mut self, node: &Node, base: &Properties, open: &mut Open) {
        match node.name.as_str() {
            "w:r" => self.run(node, base, open),
            "w:del" | "w:moveFrom" => self.deleted += 1,
            "w:pPr" | "w:rPr" => {}
            "w:t" | "m:t" => push(open, &node.text, &Properties::default(), false),
            "mc:AlternateContent" => {
                if let Some(choice) = node.child("mc:Choice").or(node.child("mc:Fallback")) {
                    self.runs(choice, base, open);
                }
            }
            "w:txbxContent" => self.text_box(node, open),
            _ => self.runs(node, base, open),
        }
    }

    fn run(&mut self, run: &Node, base: &Properties, open: &mut Open) {
        let own = run.child("w:rPr").map(Properties::read).unwrap_or_default();
        let style = run.child("w:rPr").and_then(|p| p.value("w:rStyle"));
        let properties = own.over(&self.styles.resolve(style)).over(base);
        for node in &run.children {
            match node.name.as_str() {
                "w:t" => {
                    if !node.text.trim().is_empty() {
                        let size = properties.size.unwrap_or(0.0);
                        open.size = open.size.max(size);
                        let red = properties.color.as_deref().is_some_and(is_red);
                        open.colors.push(red);
                    }
                    push(open, &node.text, &properties, false);
                }
                "w:tab" | "w:ptab" => push(open, "\t", &properties, false),
                "w:br" | "w:cr" => open.lines.push(Vec::new()),
                "w:noBreakHyphen" => push(open, "-", &properties, true),
                "w:sym" => {
                    let c = node.attribute("w:char").and_then(symbol);
                    push(open, &c.map(String::from).unwrap_or_default(), &properties, true);
                }
                "w:footnoteReference" => self.note("w:footnote", node, open),
                "w:endnoteReference" => self.note("w:endnote", node, open),
                "w:drawing" | "w:pict" | "w:object" | "mc:AlternateContent" => {
                    self.drawing(node, open)
                }
                "w:ruby" => {
                    for part in ["w:rubyBase", "w:rt"] {
                        if let Some(part) = node.child(part) {
                            self.runs(part, base, open);
                        }
                    }
                }
                _ => self.inline(node, base, open),
            }
        }
    }

    fn note(&mut self, kind: &str, reference: &Node, open: &mut Open) {
        let Some(id) = reference.attribute("w:id") else { return };
        let Some(note) = self.notes.remove(&format!("{kind}{id}")) else { return };
        raw_text(&note, &mut self.raw);
        let mut text = String::new();
        raw_text(&note, &mut text);
        let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
        if !text.trim().is_empty() {
            let piece = Piece { text: text.trim().into(), note: true, ..Piece::default() };
            open.lines.last_mut().expect("a line is open").push(piece);
        }
    }

    /// Reads a drawing: a picture or a text box.
    fn drawing(&mut self, node: &Node, open: &mut Open) {
        let node = match node.name.as_str() {
            "mc:AlternateContent" => match node.child("mc:Choice").or(node.child("mc:Fallback")) {
                Some(choice) => choice,
                None => return,
            },
            _ => node,
        };
        let mut words = String::new();
        self.drawn(node, open, &mut words);
    }

    fn drawn(&mut self, node: &Node, open: &mut Open, words: &mut String) {
        match node.name.as_str() {
            "w:txbxContent" => return self.text_box(node, open),
            "wp:docPr" => *words = node.attribute("descr").unwrap_or_default().into(),
            "a:blip" => self.picture(node.attribute("r:embed"), words, open),
            "v:imagedata" => self.picture(node.attribute("r:id"), words, open),
            "mc:AlternateContent" => {
                if let Some(choice) = node.child("mc:Choice").or(node.child("mc:Fallback")) {
                    choice.children.iter().for_each(|child| self.drawn(child, open, words));
                }
                return;
            }
            _ => {}
        }
        node.children.iter().for_each(|child| self.drawn(child, open, words));
    }

    fn text_box(&mut self, content: &Node, open: &mut Open) {
        let lines = std::mem::take(&mut self.source.lines);
        let (place, gap) = (self.place, self.gap);
        if place == Place::Body {
            self.place = Place::Box;
        }
        self.blocks(content);
        (self.place, self.gap) = (place, gap);
        open.boxes.extend(std::mem::replace(&mut self.source.lines, lines));
    }

    fn picture(&mut self, id: Option<&str>, words: &str, open: &mut Open) {
        let Some(target) = id.and_then(|id| self.relations.get(id)).cloned() else { return };
        let shown = target.rsplit('/').next().unwrap_or_default().to_string();
        match self.fitting(&target) {
            Ok(picture) => {
                open.objects.push(Object::Picture(self.source.pictures.len(), words.into()));
                self.source.pictures.push(picture);
            }
            Err(code) => {
                self.left_out.insert(target, code);
                self.source.remarks.push(Remark::new(code, self.count, &shown, ""));
            }
        }
    }

    /// A picture that an issue can have, beside those before it.
    fn fitting(&mut self, target: &str) -> Result<PictureFile, RemarkCode> {
        if let Some(code) = self.left_out.get(target) {
            return Err(*code);
        }
        let bytes = match self.package.bytes(target, MAX_PICTURE.min(self.bytes)) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Err(RemarkCode::PictureMissing),
            Err(_) => return Err(RemarkCode::PictureLarge),
        };
        let extension = extension(&bytes).ok_or(RemarkCode::PictureFormat)?;
        // An issue with a picture that is damaged, or with too many pixels, does not build.
        match picture::decode(&bytes, self.pixels) {
            Ok(pixels) => self.pixels -= pixels,
            Err((Code::PictureCmyk | Code::PictureAnimated, _)) => {}
            Err(_) => return Err(RemarkCode::PictureLarge),
        }
        self.bytes -= bytes.len() as u64;
        Ok(PictureFile { extension, bytes })
    }

    // Tables

    fn table(&mut self, table: &Node) {
        let number = self.count + 1;
        // The lines of the cells are collected apart from those of the text.
        let before = std::mem::take(&mut self.source.lines);
        let gap = std::mem::take(&mut self.gap);
        let rows = descend(table, "w:tr");
        let rows: Vec<Vec<Cell>> = rows.into_iter().map(|row| self.cells(row)).collect();
        self.source.lines = before;
        self.gap = gap;
        let texts: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().flat_map(Cell::texts).collect()).collect();
        if rows.iter().flatten().any(Cell::has_objects) || is_layout(&texts) {
            return rows.into_iter().for_each(|row| self.flatten(row));
        }
        if texts.iter().flatten().all(|text| text.trim().is_empty()) {
            return;
        }
        if rows.iter().flatten().any(|cell| cell.merged) {
            let text = texts.concat().concat();
            self.source.remarks.push(Remark::new(RemarkCode::MergedCells, number, &text, ""));
        }
        let gap = std::mem::take(&mut self.gap);
        self.source.lines.push(Line {
            number,
            object: Some(Object::Table(texts)),
            gap,
            place: self.place,
            ..Line::default()
        });
    }

    /// The cells of a row.
    fn cells(&mut self, row: &Node) -> Vec<Cell> {
        let cells = descend(row, "w:tc").into_iter();
        cells
            .map(|cell| {
                let start = self.source.lines.len();
                self.blocks(cell);
                let lines = self.source.lines.split_off(start);
                let properties = cell.child("w:tcPr");
                let span = properties.and_then(|p| p.value("w:gridSpan"));
                let span = span.and_then(|n| n.parse().ok()).unwrap_or(1);
                let goes_on = properties
                    .and_then(|p| p.child("w:vMerge"))
                    .is_some_and(|merge| merge.attribute("w:val") != Some("restart"));
                Cell { lines, span, merged: span > 1 || goes_on }
            })
            .collect()
    }

    /// A row of a layout table becomes the lines of its cells, or one line if every cell has just
    /// one.
    fn flatten(&mut self, row: Vec<Cell>) {
        let single = row.iter().all(|cell| {
            cell.lines.len() <= 1 && cell.lines.iter().all(|line| line.object.is_none())
        });
        let join = single && row.len() <= 3;
        let mut lines = row.into_iter().flat_map(|cell| cell.lines);
        if !join {
            return self.source.lines.extend(lines);
        }
        let Some(mut first) = lines.next() else { return };
        for line in lines {
            first.pieces.push(Piece { text: "　　".into(), ..Piece::default() });
            first.pieces.extend(line.pieces);
            first.align = Align::Start;
        }
        self.source.lines.push(first);
    }

    fn finish(mut self) -> Source {
        // Notes without a reference are kept as text.
        let mut left: Vec<(String, Node)> = self.notes.drain().collect();
        left.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, note) in left {
            let mut text = String::new();
            raw_text(&note, &mut text);
            self.raw.push_str(&text);
            if !text.trim().is_empty() {
                self.count += 1;
                self.source.lines.push(Line::plain(self.count, &text));
            }
        }
        if self.deleted > 0 {
            self.source.remarks.push(Remark::of_file(RemarkCode::Deleted, self.deleted));
        }
        even_out(&mut self.source.lines);
        self.source.raw = Some(self.raw);
        self.source
    }
}

/// The nearest descendants of a name, through content controls and insertions.
fn descend<'a>(node: &'a Node, name: &'a str) -> Vec<&'a Node> {
    let mut found = Vec::new();
    for child in &node.children {
        match child.name.as_str() {
            own if own == name => found.push(child),
            "w:sdt" | "w:sdtContent" | "w:ins" | "w:moveTo" | "w:customXml" => {
                found.extend(descend(child, name))
            }
            _ => {}
        }
    }
    found
}

/// Whether a table is layout: mastheads and imprints are often tables, as data are.
fn is_layout(rows: &[Vec<String>]) -> bool {
    pattern!(
        FACTS = r"^\s*(报|送|发|抄送|抄报|主送|抄|呈)\s*[:：]|第\s*[\d一二三四五六七八九十〇○]+\s*期|责任编辑|共印\s*\d+\s*份|(编|办公室)\s*\d{4}年\d+月\d+日"
    );
    let one_cell = rows.iter().all(|row| row.len() <= 1);
    let one_row = rows.len() == 1;
    let text = rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>();
    let labels = rows
        .iter()
        .filter(|row| {
            matches!(
                row.first().map(|c| c.trim()),
                Some("报" | "送" | "发" | "报：" | "送：" | "发：")
            )
        })
        .count();
    one_cell || one_row || labels > 0 || text.iter().any(|row| FACTS.is_match(row))
}

fn push(open: &mut Open, text: &str, properties: &Properties, restored: bool) {
    let line = open.lines.last_mut().expect("a line is open");
    let text: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    let text = text.replace(['\n', '\r'], " ");
    if text.is_empty() {
        return;
    }
    let face = properties.font.as_deref().unwrap_or_default();
    let heavy =
        ["黑体", "小标宋", "大标宋", "SimHei", "Hei"].iter().any(|name| face.contains(name));
    let (bold, italic) = (properties.bold == Some(true) || heavy, properties.italic == Some(true));
    line.push(Piece { text, bold, italic, restored, ..Piece::default() });
}

/// Removes bold from a document that is mostly bold, where bold emphasises nothing.
fn even_out(lines: &mut [Line]) {
    let count = |bold: bool| -> usize {
        let pieces = lines.iter().flat_map(|line| &line.pieces).filter(|piece| piece.bold == bold);
        pieces.map(|piece| piece.text.chars().count()).sum()
    };
    if count(true) > count(false) {
        lines.iter_mut().flat_map(|line| &mut line.pieces).for_each(|piece| piece.bold = false);
    }
}

fn is_red(color: &str) -> bool {
    let part = |at: usize| color.get(at..at + 2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
    match (part(0), part(2), part(4)) {
        (Some(r), Some(g), Some(b)) => r >= 0xb0 && g < 0x60 && b < 0x60,
        _ => false,
    }
}

/// The usual signs of symbol fonts as the characters that they look like.
fn symbol(code: &str) -> Option<char> {
    let code = u32::from_str_radix(code, 16).ok()?;
    Some(match code & 0xff {
        0x6c if code > 0xf000 => '●',
        0x6e if code > 0xf000 => '■',
        0x75 if code > 0xf000 => '◆',
        0xa8 if code > 0xf000 => '□',
        0xab if code > 0xf000 => '★',
        0xd8 if code > 0xf000 => '➢',
        0xfc if code > 0xf000 => '✓',
        0xfe if code > 0xf000 => '☑',
        0xb7 if code > 0xf000 => '·',
        _ => char::from_u32(code)?,
    })
}
