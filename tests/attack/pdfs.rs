//! PDFs that are small on the disk and large in memory.

use lopdf::{Dictionary, Document, Object, Stream, dictionary};

/// The hostile PDFs, with their names.
pub fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let text = |n: usize| {
        let mut content = b"BT /F1 12 Tf 10 10 Td ".to_vec();
        (0..n).for_each(|_| content.extend_from_slice(b"(abcdefghij) Tj 0 1 Td "));
        [content, b"ET".to_vec()].concat()
    };
    vec![
        ("blanks of 2 GB", page(compressed_twice(2000), Dictionary::new())),
        ("a million glyphs", page(packed(text(100_000)), Dictionary::new())),
        ("strokes", page(packed(b"0 0 m 100 100 l S ".repeat(1_000_000)), Dictionary::new())),
        ("states", page(packed(b"q ".repeat(3_000_000)), Dictionary::new())),
        (
            "a path",
            page(
                packed([b"0 0 m ".to_vec(), b"9 9 l ".repeat(3_000_000)].concat()),
                Dictionary::new(),
            ),
        ),
        ("a form in itself", in_itself()),
        ("forms in forms", doubling(30)),
        ("a large page", large_page()),
        ("a large picture", large_picture()),
        ("many pages", many_pages(50_000)),
        ("pages in a circle", circle()),
        ("dashes", page(packed(b"[0.0001] 0 d 0 0 m 600 800 l S".to_vec()), Dictionary::new())),
        ("a content named often", named_often()),
        ("a picture that lies", lying_picture()),
    ]
}

fn packed(content: Vec<u8>) -> Stream {
    let mut stream = Stream::new(Dictionary::new(), content);
    stream.compress().expect("it is compressed");
    stream
}

/// So many MB of blanks, compressed twice.
fn compressed_twice(megabytes: usize) -> Stream {
    let once = packed(vec![b' '; megabytes << 20]);
    let mut twice = packed(once.content);
    twice.dict.set(
        "Filter",
        vec![Object::from("FlateDecode"), "FlateDecode".into()]
            .into_iter()
            .map(name)
            .collect::<Vec<_>>(),
    );
    twice
}

fn name(object: Object) -> Object {
    match object {
        Object::String(bytes, _) => Object::Name(bytes),
        other => other,
    }
}

fn page(content: Stream, resources: Dictionary) -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let font = pdf.add_object(
        dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" },
    );
    let mut resources = resources;
    resources.set("Font", dictionary! { "F1" => font });
    let content = pdf.add_object(content);
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content, "Resources" => resources,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}

fn finish(mut pdf: Document, page: impl FnOnce(Object) -> Dictionary) -> Vec<u8> {
    let pages = pdf.new_object_id();
    let page = pdf.add_object(page(pages.into()));
    pdf.objects.insert(
        pages,
        dictionary! { "Type" => "Pages", "Count" => 1, "Kids" => vec![page.into()] }.into(),
    );
    let root = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", root);
    bytes(pdf)
}

fn bytes(mut pdf: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).expect("memory");
    bytes
}

fn form(content: &str, resources: Dictionary) -> Stream {
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Form", "Resources" => resources,
        "BBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    Stream::new(dict, content.as_bytes().to_vec())
}

fn in_itself() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let own = pdf.new_object_id();
    let resources = || dictionary! { "XObject" => dictionary! { "X" => own } };
    pdf.objects.insert(own, form("/X Do /X Do", resources()).into());
    let content = pdf.add_object(Stream::new(Dictionary::new(), b"/X Do".to_vec()));
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content, "Resources" => resources(),
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}

/// Forms that each draw the next one twice.
fn doubling(depth: usize) -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let mut below = pdf.add_object(form("0 0 m 9 9 l S", Dictionary::new()));
    for _ in 0..depth {
        let resources = dictionary! { "XObject" => dictionary! { "X" => below } };
        below = pdf.add_object(form("/X Do /X Do", resources));
    }
    let content = pdf.add_object(Stream::new(Dictionary::new(), b"/X Do".to_vec()));
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content,
            "Resources" => dictionary! { "XObject" => dictionary! { "X" => below } },
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}

fn large_page() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let content = pdf.add_object(Stream::new(Dictionary::new(), b"0 0 m 9 9 l S".to_vec()));
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content, "UserUnit" => 1000,
            "MediaBox" => vec![0.into(), 0.into(), 2_000_000_000.into(), 2_000_000_000.into()],
        }
    })
}

fn large_picture() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 60_000, "Height" => 60_000,
        "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8,
    };
    let mut picture = Stream::new(dict, vec![0; 100 << 20]);
    picture.compress().expect("it is compressed");
    let picture = pdf.add_object(picture);
    let content =
        pdf.add_object(Stream::new(Dictionary::new(), b"500 0 0 500 0 0 cm /X Do".to_vec()));
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content,
            "Resources" => dictionary! { "XObject" => dictionary! { "X" => picture } },
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}

fn many_pages(count: usize) -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let page = dictionary! {
        "Type" => "Page", "Parent" => pages,
        "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
    };
    let kids: Vec<Object> = (0..count).map(|_| pdf.add_object(page.clone()).into()).collect();
    pdf.objects.insert(
        pages,
        dictionary! { "Type" => "Pages", "Count" => count as i64, "Kids" => kids }.into(),
    );
    let root = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", root);
    bytes(pdf)
}

fn circle() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let kids: Vec<Object> = vec![pages.into(), pages.into()];
    pdf.objects
        .insert(pages, dictionary! { "Type" => "Pages", "Count" => 2, "Kids" => kids }.into());
    let root = pdf.add_object(dictionary! { "Type" => "Catalog", "Pages" => pages });
    pdf.trailer.set("Root", root);
    bytes(pdf)
}

fn named_often() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let content = pdf.add_object(packed(b"0 0 1 1 re f ".repeat(2_000_000)));
    let contents: Vec<Object> = vec![content.into(); 2000];
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => contents,
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}

/// A picture in JPEG 2000, whose own head says another size than the PDF does.
fn lying_picture() -> Vec<u8> {
    let mut pdf = Document::with_version("1.7");
    let mut data = vec![0xff, 0x4f, 0xff, 0x51, 0, 47, 0, 0];
    for number in [60_000_u32, 60_000, 0, 0, 60_000, 60_000, 0, 0] {
        data.extend(number.to_be_bytes());
    }
    data.extend([0, 3, 7, 1, 1, 7, 1, 1, 7, 1, 1]);
    data.extend([0xff, 0x52, 0, 12, 0, 0, 0, 1, 0, 5, 4, 4, 0, 1]);
    data.extend([0; 200]);
    let dict = dictionary! {
        "Type" => "XObject", "Subtype" => "Image", "Width" => 100, "Height" => 100,
        "ColorSpace" => "DeviceRGB", "BitsPerComponent" => 8, "Filter" => "JPXDecode",
    };
    let picture = pdf.add_object(Stream::new(dict, data));
    let content = Stream::new(Dictionary::new(), b"500 0 0 500 0 0 cm /X Do".to_vec());
    let content = pdf.add_object(content);
    finish(pdf, |parent| {
        dictionary! {
            "Type" => "Page", "Parent" => parent, "Contents" => content,
            "Resources" => dictionary! { "XObject" => dictionary! { "X" => picture } },
            "MediaBox" => vec![0.into(), 0.into(), 595.into(), 842.into()],
        }
    })
}
