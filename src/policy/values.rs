//! Allowed values from a file beside the policy: one a line, or a column of a CSV.

use super::refusal::{Refusal, refused};
use crate::error::{Error, Result};
use crate::sheet;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A value and the line of the file it stands on, from 1.
pub(super) type Listed = (String, u64);

/// The values of `teams.txt` or `people.csv:Team`, in their order, and the file; blank lines and lines that
/// begin with `#` are none.
pub(super) fn read(
    named: &Spanned<String>,
    folder: &Path,
) -> std::result::Result<(PathBuf, Vec<Listed>), Refusal> {
    let text = named.get_ref();
    let (file, column) = match text.rsplit_once(':') {
        Some((file, column)) if is_csv(file) => (file, Some(column)),
        _ => (text.as_str(), None),
    };
    if is_csv(file) && column.is_none() {
        let hint = format!("name the column: \"{file}:Team\"");
        return Err(refused("a CSV has columns", &hint, named.span()));
    }
    let path = folder.join(file);
    let held = open(&path, named)?;
    let values = match column {
        Some(column) => of_column(&held, &path, column)?,
        None => of_lines(&held),
    };
    if values.is_empty() {
        let hint = "leave it out to allow every value";
        return Err(Error::usage("the file lists no value at all")
            .at(&path)
            .hint(hint)
            .into());
    }
    Ok((path, values))
}

fn is_csv(file: &str) -> bool {
    Path::new(file)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("csv"))
}

/// The text of a file that the policy names; where it is not there, the place is the policy's.
pub(super) fn open(path: &Path, named: &Spanned<String>) -> std::result::Result<String, Refusal> {
    std::fs::read_to_string(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            let hint = format!("looked for {}", path.display());
            let what = format!("there is no file `{}`", named.get_ref());
            refused(&what, &hint, named.span())
        }
        _ => Error::read(path, &error).into(),
    })
}

fn of_lines(text: &str) -> Vec<Listed> {
    let lines = text.trim_start_matches('\u{feff}').lines().zip(1..);
    let values = lines.map(|(line, at)| (line.trim().to_owned(), at));
    values
        .filter(|(value, _)| !value.is_empty() && !value.starts_with('#'))
        .collect()
}

/// The other columns of the file are nobody's business here.
fn of_column(text: &str, path: &Path, column: &str) -> Result<Vec<Listed>> {
    let header = text.trim_start_matches('\u{feff}').lines().next();
    let others: Vec<String> = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(header.unwrap_or_default().as_bytes())
        .records()
        .filter_map(std::result::Result::ok)
        .flat_map(|record| {
            record
                .iter()
                .map(|name| name.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .filter(|name| name != column)
        .collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let rows = sheet::rows(path, text, &[column], &others)?;
    let values = rows.iter().map(|row| (row.get(0).to_owned(), row.line()));
    Ok(values.filter(|(value, _)| !value.is_empty()).collect())
}

#[cfg(test)]
mod tests {
    use crate::policy::TagPolicy;

    /// The values of the first rule, or the error, without the folder's name.
    fn values(file: &str, text: &str, line: &str) -> Result<String, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join(file), text).unwrap();
        let policy = format!("[[tag]]\nkey = \"team\"\n{line}\n");
        let read = TagPolicy::parse(&policy, &folder.path().join("tags.toml"));
        let here = format!("{}/", folder.path().display());
        read.map(|policy| policy.rules()[0].values.join(" "))
            .map_err(|error| error.to_string().replace(&here, ""))
    }

    #[test]
    fn a_text_has_one_value_a_line() {
        let text = "\u{feff}# teams\nplatform\n\n  data \n";
        assert_eq!(
            values("t.txt", text, "values_file = \"t.txt\""),
            Ok("platform data".into())
        );
        let both = "values = [\"web\"]\nvalues_file = \"t.txt\"";
        assert_eq!(values("t.txt", text, both), Ok("web platform data".into()));
    }

    #[test]
    fn a_csv_has_a_column_of_them() {
        let text = "Name,Team\nann,\"a, b\"\nbob,\ncy,data\n";
        assert_eq!(
            values("p.csv", text, "values_file = \"p.csv:Team\""),
            Ok("a, b data".into())
        );
        let wrong = values("p.csv", text, "values_file = \"p.csv:Teem\"").unwrap_err();
        assert!(
            wrong.starts_with("the column `Teem` is missing\n  --> p.csv:1\n"),
            "{wrong}"
        );
        let wrong = values("p.csv", text, "values_file = \"p.csv\"").unwrap_err();
        assert_eq!(
            wrong,
            "a CSV has columns\n  --> tags.toml:3:15\nhint: name the column: \"p.csv:Team\""
        );
    }

    #[test]
    fn mistakes_have_a_place() {
        let wrong = values("t.txt", "a", "values_file = \"u.txt\"").unwrap_err();
        assert_eq!(
            wrong,
            "there is no file `u.txt`\n  --> tags.toml:3:15\nhint: looked for u.txt"
        );
        let wrong = values("t.txt", "# none\n", "values_file = \"t.txt\"").unwrap_err();
        assert!(
            wrong.starts_with("the file lists no value at all\n  --> t.txt\n"),
            "{wrong}"
        );
        let wrong = values(
            "t.txt",
            "ok\nOH\n",
            "values_file = \"t.txt\"\npattern = \"^[a-z]+$\"",
        );
        let wrong = wrong.unwrap_err();
        assert!(
            wrong.starts_with("`OH` is not an allowed value of tag `team`\n  --> t.txt:2\n"),
            "{wrong}"
        );
    }
}
