//! A TOML array × a change of its values → the array's new text, blanks and comments kept.

use serde_json::Value as Json;
use toml_edit::{Array, Value};

use crate::issue::form::FormError;
use crate::issue::form::value::plain;

/// The text of an array after its values are replaced; values in both lists keep their comments.
pub fn array(old: &Array, new: &[Json]) -> Result<String, FormError> {
    let new: Vec<Value> = new.iter().map(plain).collect::<Result<_, _>>()?;
    let same = |(a, b): &(&Value, &Value)| match (a, b) {
        (Value::String(a), Value::String(b)) => a.value() == b.value(),
        (Value::Integer(a), Value::Integer(b)) => a.value() == b.value(),
        _ => false,
    };
    let head = old.iter().zip(&new).take_while(same).count();
    let room = old.len().min(new.len()) - head;
    let tail = (0..room)
        .take_while(|n| {
            old.get(old.len() - 1 - n).is_some_and(|a| same(&(a, &new[new.len() - 1 - n])))
        })
        .count();
    let mut array = old.clone();
    for _ in head..old.len() - tail {
        take(&mut array, head);
    }
    for (index, value) in new[head..new.len() - tail].iter().enumerate() {
        put(&mut array, head + index, value.clone());
    }
    Ok(array.to_string().trim().to_string())
}

/// The blanks and comments before the index `at` of an array: first the part on the line of the
/// preceding value, then the rest.
fn gap(array: &Array, at: usize) -> (String, String) {
    let gap = match array.get(at) {
        Some(value) => value.decor().prefix().and_then(|prefix| prefix.as_str()).unwrap_or(""),
        None => array.trailing().as_str().unwrap_or(""),
    };
    let (line, rest) = gap.split_at(gap.find('\n').unwrap_or(0));
    (line.into(), rest.into())
}

/// Replaces the blanks and comments before the index `at` of an array.
fn set_gap(array: &mut Array, at: usize, gap: &str) {
    match array.get_mut(at) {
        Some(value) => value.decor_mut().set_prefix(gap),
        None => array.set_trailing(gap),
    }
}

/// Inserts a value into an array, on its own line where the other values are on their own lines.
pub fn put(array: &mut Array, at: usize, mut value: Value) {
    let neighbour = if at < array.len() { Some(at) } else { at.checked_sub(1) };
    let (line, rest) = gap(array, at);
    let before = neighbour.map(|at| gap(array, at).1).unwrap_or_default();
    // Comments above a value stay with it.
    let indent = before.rfind('\n').map(|at| before[at..].to_string());
    let own = indent.unwrap_or_else(|| if at == 0 { String::new() } else { " ".into() });
    let rest = if at == 0 && rest.is_empty() && !array.is_empty() { " ".into() } else { rest };
    value.decor_mut().set_prefix(format!("{line}{own}"));
    value.decor_mut().set_suffix("");
    if at < array.len() || !line.is_empty() {
        set_gap(array, at, &rest);
    }
    array.insert_formatted(at, value);
}

/// Removes a value from an array together with the comment on its line; other comments stay.
pub fn take(array: &mut Array, at: usize) -> Value {
    let (line, own) = gap(array, at);
    let (_, rest) = gap(array, at + 1);
    let value = array.remove(at);
    let rest =
        if at == 0 && !own.contains('\n') && at < array.len() { String::new() } else { rest };
    let comments = own.rfind('\n').map_or("", |end| &own[..end]);
    set_gap(array, at, &format!("{line}{comments}{rest}"));
    value
}

#[cfg(test)]
mod tests {
    use crate::issue::form::tests::{applied, changes, keys, set};
    use crate::issue::form::{Op, Target, value};

    #[test]
    fn lists_keep_their_look_and_their_comments() {
        let list = |items: &[&str]| set("imprint.report_to", items.to_vec());
        changes(list(&["甲部", "丙部", "乙部"]), "  \"乙部\",", "  \"丙部\",\n  \"乙部\",");
        let insert = Op::Insert { path: keys("imprint.report_to"), at: 2, value: "丙".into() };
        changes(insert, "  \"乙部\",", "  \"乙部\",\n  \"丙\",");
        let text = applied(
            "a = 1\n",
            Op::Insert { path: keys("imprint.send_to"), at: 0, value: "丙".into() },
        );
        assert_eq!(text, "a = 1\n\n[imprint]\nsend_to = [\"丙\"]\n");
        changes(list(&["甲部"]), "\n  \"乙部\",", "");
        changes(list(&["乙部"]), "\n  \"甲部\", # 首", "");
        changes(Op::Remove { path: keys("imprint.report_to.0") }, "\n  \"甲部\", # 首", "");
        let text =
            applied("l = [\"甲\", \"乙\"]\n", Op::Move { path: keys("l.0"), to: Target::At(1) });
        assert_eq!(value(&text), value("l = [\"乙\", \"甲\"]"));
    }
}
