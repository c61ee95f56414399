//! A PDF → the same PDF in fewer bytes: equal objects once, and many of them compressed together.
//!
//! krilla writes the instructions and resources of each page separately, although 500 copies
//! repeat them 500 times. This module interprets none of the instructions.

use std::collections::{BTreeMap, HashMap};

use lopdf::{Document, Object, ObjectId, SaveOptions};

/// krilla itself merges equal streams that are larger than this: fonts, forms, pictures.
const SMALL: usize = 1024;

/// Packs a file.
pub fn pack(bytes: &[u8]) -> Result<Vec<u8>, lopdf::Error> {
    let mut document = Document::load_mem(bytes)?;
    let mut first: HashMap<Vec<u8>, ObjectId> = HashMap::new();
    let mut same: BTreeMap<ObjectId, ObjectId> = BTreeMap::new();
    for (id, object) in &document.objects {
        let Some(written) = written(object) else { continue };
        match first.get(&written) {
            Some(kept) => {
                same.insert(*id, *kept);
            }
            None => {
                first.insert(written, *id);
            }
        }
    }
    document.objects.retain(|id, _| !same.contains_key(id));
    document.objects.values_mut().for_each(|object| redirect(object, &same));
    let options = SaveOptions::builder()
        .use_object_streams(true)
        .use_xref_streams(true)
        .max_objects_per_stream(2000)
        .compression_level(9);
    let mut packed = Vec::new();
    document.save_with_options(&mut packed, options.build())?;
    Ok(packed)
}

/// The content by which equal objects are found; `None` for objects that stay separate, such as
/// pages, each of which is a leaf of the tree of pages.
fn written(object: &Object) -> Option<Vec<u8>> {
    match object {
        Object::Dictionary(dict) if dict.get_type().is_err() => {
            Some(format!("{dict:?}").into_bytes())
        }
        Object::Stream(stream) if stream.content.len() <= SMALL => {
            let mut written = format!("{:?}", stream.dict).into_bytes();
            written.extend(&stream.content);
            Some(written)
        }
        _ => None,
    }
}

fn redirect(object: &mut Object, same: &BTreeMap<ObjectId, ObjectId>) {
    match object {
        Object::Reference(id) => {
            if let Some(kept) = same.get(id) {
                *id = *kept;
            }
        }
        Object::Array(items) => items.iter_mut().for_each(|item| redirect(item, same)),
        Object::Dictionary(dict) => dict.iter_mut().for_each(|(_, item)| redirect(item, same)),
        Object::Stream(stream) => stream.dict.iter_mut().for_each(|(_, item)| redirect(item, same)),
        _ => {}
    }
}
