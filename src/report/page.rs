//! The weekly page and the summary: findings first, then charts, then tables. Self-contained, no scripts.

use super::table::{Cell, Table};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Rows of a table that the page shows; the CSV has all.
const SHOWN: usize = 12;

/// One report on the page.
pub struct Section<'a> {
    /// What it is called.
    pub title: &'a str,
    /// Its file.
    pub csv: &'a str,
    /// Its workbook, where it has one.
    pub workbook: Option<&'a str>,
    /// How its figures come about.
    pub about: &'a str,
    /// Titles of its charts: what they found.
    pub findings: Vec<&'a str>,
    /// Its charts: name and PNG.
    pub charts: Vec<(&'a str, Vec<u8>)>,
    /// Its table.
    pub table: Option<&'a Table>,
}

impl Section<'_> {
    fn files(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.csv).chain(self.workbook)
    }
}

/// `summary.md`: what a chat message or a mail would say.
pub fn summary(states: &str, notes: &[String], sections: &[Section<'_>]) -> String {
    let mut text = format!("# Cost report\n\nMonths: {states}\n\n");
    for note in notes {
        text.push_str(&format!("- **{note}**\n"));
    }
    for section in sections
        .iter()
        .filter(|section| !section.findings.is_empty())
    {
        for finding in &section.findings {
            text.push_str(&format!(
                "- {}: {finding} ([{}]({}))\n",
                section.title, section.csv, section.csv
            ));
        }
    }
    text.push_str("\n| report | rows | file |\n|---|---:|---|\n");
    for section in sections {
        let rows = section.table.map_or(0, |table| table.rows.len());
        let files: Vec<String> = section
            .files()
            .map(|file| format!("[{file}]({file})"))
            .collect();
        text.push_str(&format!(
            "| {} | {rows} | {} |\n",
            section.title,
            files.join(" ")
        ));
    }
    text
}

/// `index.html`: the page an engineering lead opens.
pub fn html(states: &str, notes: &[String], sections: &[Section<'_>]) -> String {
    let mut body = format!(
        "<h1>Cost report</h1><p class=\"quiet\">Months: {}</p>",
        escaped(states)
    );
    for note in notes {
        body.push_str(&format!("<p class=\"note\">{}</p>", escaped(note)));
    }
    for section in sections {
        body.push_str(&format!(
            "<section><h2>{}</h2><p class=\"quiet\">{}</p>",
            escaped(section.title),
            escaped(section.about)
        ));
        for ((name, png), finding) in section.charts.iter().zip(&section.findings) {
            body.push_str(&format!(
                "<img alt=\"{}\" title=\"{}\" src=\"data:image/png;base64,{}\">",
                escaped(finding),
                escaped(name),
                STANDARD.encode(png)
            ));
        }
        if let Some(table) = section.table.filter(|_| section.charts.is_empty()) {
            body.push_str(&rows(table));
        }
        let links: Vec<String> = section
            .files()
            .map(|file| format!("<a href=\"{0}\">{0}</a>", escaped(file)))
            .collect();
        body.push_str(&format!("<p>{}</p></section>", links.join(" ")));
    }
    format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Cost report</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:1100px;margin:2em auto;padding:0 1em;color:#222}\
img{width:100%;height:auto;border:1px solid #ddd}table{border-collapse:collapse;font-size:13px;display:block;overflow-x:auto}\
td,th{padding:2px 8px;border-bottom:1px solid #ddd;text-align:left;white-space:nowrap}td.n{text-align:right}\
.quiet{color:#666}.note{background:#fff3cd;padding:.5em 1em}section{margin:3em 0}";

fn rows(table: &Table) -> String {
    if table.rows.is_empty() {
        return "<p>Nothing to report.</p>".to_owned();
    }
    let head: String = table
        .columns
        .iter()
        .map(|column| format!("<th>{}</th>", escaped(column)))
        .collect();
    let line = |row: &Vec<Cell>| {
        let cells: String = row
            .iter()
            .map(|cell| {
                format!(
                    "<td{}>{}</td>",
                    if cell.approximate().is_some() {
                        " class=\"n\""
                    } else {
                        ""
                    },
                    escaped(&shown(cell))
                )
            })
            .collect();
        format!("<tr>{cells}</tr>")
    };
    let body: String = table.rows.iter().take(SHOWN).map(line).collect();
    let more = table.rows.len().saturating_sub(SHOWN);
    let rest = if more > 0 {
        format!("<p class=\"quiet\">and {more} more rows</p>")
    } else {
        String::new()
    };
    format!("<table><tr>{head}</tr>{body}</table>{rest}")
}

/// A cell for reading: amounts to the cent, the CSV has every digit.
fn shown(cell: &Cell) -> String {
    match cell {
        Cell::Money(amount) => amount.fixed(2),
        other => other.plain(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_stay_text() {
        let mut table = Table::new(&["Name"]);
        table
            .rows
            .push(vec![Cell::text("<script>alert(1)</script>")]);
        let section = Section {
            title: "T",
            csv: "t.csv",
            workbook: None,
            about: "",
            findings: vec![],
            charts: vec![],
            table: Some(&table),
        };
        let page = html("2026-10 closed", &[], &[section]);
        assert!(!page.contains("<script>") && page.contains("&lt;script&gt;"));
    }
}
