//! Bytes of the files: gzip without a time stamp, CSV cells. Writes nothing to disk.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::{Compression, GzBuilder};

/// Path inside the sample folder to bytes.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// Gzip with modification time 0, no name and a fixed system byte: same text, same bytes.
pub(crate) fn gzip(text: &str) -> std::io::Result<Vec<u8>> {
    let mut writer = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .write(Vec::new(), Compression::new(9));
    writer.write_all(text.as_bytes())?;
    writer.finish()
}

/// Appends one CSV record, quoting only where RFC 4180 asks for it.
pub(crate) fn record<S: AsRef<str>>(cells: impl IntoIterator<Item = S>, text: &mut String) {
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_cell(cell.as_ref(), text);
    }
    text.push('\n');
}

fn push_cell(cell: &str, text: &mut String) {
    if cell.contains([',', '"', '\n', '\r']) {
        text.push('"');
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(cell);
    }
}

/// A JSON object of text values, in the order given. The sample texts need no escapes.
pub(crate) fn json_object<K: AsRef<str>, V: AsRef<str>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> String {
    let pair = |(key, value): (K, V)| format!("\"{}\":\"{}\"", key.as_ref(), value.as_ref());
    let members: Vec<String> = pairs.into_iter().map(pair).collect();
    format!("{{{}}}", members.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_only_when_needed() {
        let mut text = String::new();
        record(["a", "b,c", "say \"d\""], &mut text);
        assert_eq!(text, "a,\"b,c\",\"say \"\"d\"\"\"\n");
    }

    #[test]
    fn gzip_carries_no_time() {
        assert_eq!(gzip("a").unwrap()[4..8], [0, 0, 0, 0]);
    }
}
