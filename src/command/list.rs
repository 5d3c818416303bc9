//! Lists of what there is, to stdout.

use super::gate::GATES;
use super::print;
use crate::analysis::waste::checks;
use crate::cli::Listed;
use crate::engine::facts::FACTS;
use crate::error::Result;
use crate::focus::COLUMNS;
use crate::inventory::Shape;
use crate::report::definition::definitions;
use crate::source;

/// Prints one list, two columns.
pub(super) fn list(what: Listed) -> Result<()> {
    let rows: Vec<(String, String)> = match what {
        Listed::Reports => definitions(None)?
            .into_iter()
            .map(|d| (d.name, format!("{} (for {})", d.title, d.audience)))
            .collect(),
        Listed::Formats => source::formats()
            .into_iter()
            .map(|(name, title)| (name.to_owned(), title.to_owned()))
            .chain(inventories())
            .collect(),
        Listed::Tables => FACTS
            .iter()
            .map(|(name, sql)| ((*name).to_owned(), first_comment(sql)))
            .chain([focus_row()])
            .collect(),
        Listed::Columns => COLUMNS
            .iter()
            .map(|(name, kind)| ((*name).to_owned(), format!("{kind:?}").to_lowercase()))
            .collect(),
        Listed::Gates => GATES
            .iter()
            .map(|(name, about)| ((*name).to_owned(), (*about).to_owned()))
            .collect(),
        Listed::Checks => checks()
            .iter()
            .map(|check| {
                let (evidence, saving) = (check.evidence.name(), &check.saving);
                let kind = format!("{}, {evidence}, {}", check.provider, check.confidence);
                let about = format!("{} ({kind}). {saving}. {}", check.title, check.reference);
                (check.id.clone(), about)
            })
            .collect(),
    };
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let text: String = rows
        .iter()
        .map(|(name, about)| format!("{name:width$}  {about}\n"))
        .collect();
    print(text.as_bytes())
}

/// Inventories are known by their content alone: their names are what writes them.
fn inventories() -> impl Iterator<Item = (String, String)> {
    let row = |shape: Shape| format!("{}: {}", shape.name().replace('`', ""), shape.about());
    Shape::all().map(move |shape| ("inventory".to_owned(), row(shape)))
}

fn focus_row() -> (String, String) {
    ("focus".to_owned(), "Every charge, with the columns of `cloudtally list columns`; only `cloudtally sql` reads it.".to_owned())
}

fn first_comment(sql: &str) -> String {
    sql.lines()
        .next()
        .unwrap_or_default()
        .trim_start_matches("-- ")
        .to_owned()
}
