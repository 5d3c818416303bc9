//! The table `bill` of an export, as SQL: cells become typed columns as the door of the default engine makes them,
//! and a row that the door would set aside says why in `x_Fault`.

use super::bill::{At, Bill, Cell, Layout};
use super::dialect::{Dialect, name, quoted};

/// Why a row cannot be read; nothing where it can.
pub(super) const FAULT: &str = "x_Fault";
/// Tag cells of a row that are no object.
pub(super) const UNREADABLE: &str = "x_UnreadableTags";

/// The columns of the raw export, where the engine must be told of them.
pub(super) fn schema(bill: &Bill, dialect: &Dialect) -> Option<String> {
    let Layout::Csv(cells) = bill.layout else {
        return None;
    };
    let mut columns: Vec<String> = (0..cells).map(|at| format!("c{at} STRING")).collect();
    columns.extend(dialect.broken().map(|column| format!("{column} STRING")));
    Some(columns.join(", "))
}

/// `SELECT` of the table `bill` from the table of its cells: columns that are the same in every row and the calendar,
/// which are worked out again sooner than kept.
pub(super) fn bill(bill: &Bill, cells: &str, dialect: &Dialect) -> String {
    let absent = bill.columns.iter().filter_map(|(column, cell)| {
        let of = cell.absent_type()?;
        Some(format!("CAST(NULL AS {of}) AS {}", name(column)))
    });
    let columns: Vec<String> = absent
        .chain(calendar(bill, dialect))
        .chain(["CAST(NULL AS BIGINT) AS x_SourceRow".to_owned()])
        .collect();
    format!("SELECT\n  *,\n  {}\nFROM {cells}", columns.join(",\n  "))
}

/// `SELECT` of typed cells from the view of the raw export. Layer by layer, so that nothing is worked out twice:
/// blanks off, numbers and objects read, typed, judged. Below a hundred columns Spark makes one program of it all.
pub(super) fn cells(bill: &Bill, raw: &str, dialect: &Dialect) -> String {
    let mut layers: [Vec<String>; 4] = Default::default();
    let mut faults: Vec<String> = Vec::new();
    let mut unreadable: Vec<String> = Vec::new();
    let broken = dialect
        .broken()
        .filter(|_| matches!(bill.layout, Layout::Csv(_)));
    if let Some(column) = broken {
        let row = "'the row has too few or too many cells'";
        faults.push(format!("WHEN {column} IS NOT NULL THEN {row}"));
        layers
            .iter_mut()
            .take(3)
            .for_each(|layer| layer.push(column.to_owned()));
    }
    for (column, cell) in &bill.columns {
        let typed = Typed {
            bill,
            column,
            dialect,
        };
        typed.add(cell, &mut layers, &mut faults, &mut unreadable);
    }
    faults.extend(outside(bill, dialect));
    for (column, [a, b]) in &bill.products {
        layers[3].push(format!(
            "{} AS {}",
            product(bill, dialect, a, b),
            name(column)
        ));
    }
    let count = if unreadable.is_empty() {
        "0".to_owned()
    } else {
        unreadable.join(" + ")
    };
    layers[3].push(format!("{count} AS {UNREADABLE}"));
    layers[3].push(if faults.is_empty() {
        format!("CAST(NULL AS STRING) AS {FAULT}")
    } else {
        format!("CASE\n{}\nEND AS {FAULT}", faults.join("\n"))
    });
    layers.into_iter().fold(raw.to_owned(), |from, layer| {
        let from = if from.starts_with("SELECT") {
            format!("(\n{from}\n)")
        } else {
            from
        };
        format!("SELECT\n  {}\nFROM {from}", layer.join(",\n  "))
    })
}

/// One column on its way through the layers.
struct Typed<'a> {
    bill: &'a Bill,
    column: &'a str,
    dialect: &'a Dialect,
}

impl Typed<'_> {
    fn add(
        &self,
        cell: &Cell,
        layers: &mut [Vec<String>; 4],
        faults: &mut Vec<String>,
        unreadable: &mut Vec<String>,
    ) {
        let own = name(self.column);
        let say = |what: &str, holes: &[(&str, &str)]| self.dialect.say(what, holes);
        let (text, exact) = (self.beside("text"), self.beside("exact"));
        match cell {
            Cell::Text(at) | Cell::First(at) => {
                layers[0].push(format!("{} AS {own}", self.text(&at.sql())));
                layers[1..]
                    .iter_mut()
                    .for_each(|layer| layer.push(own.clone()));
                if self.column == self.bill.books.currency.0 {
                    faults.push(self.fault(&format!("{own} IS NULL"), "the currency is empty"));
                }
                if matches!(cell, Cell::First(_)) {
                    let list = format!("{own} LIKE '[%'");
                    faults.push(self.fault(&list, "lists are not read on a cluster"));
                }
                let torn = format!("{own} LIKE '%\u{fffd}%'");
                faults.push(self.fault(&torn, "the text is not UTF-8"));
            }
            Cell::Key(at, key) => {
                let object = say("object", &[("cell", &at.sql())]);
                let of = say("of_object", &[("object", &object), ("key", &quoted(key))]);
                layers[0].push(format!("NULLIF({of}, '') AS {own}"));
                layers[1..]
                    .iter_mut()
                    .for_each(|layer| layer.push(own.clone()));
            }
            Cell::Money(at) => {
                layers[0].push(format!(
                    "{} AS {text}",
                    say("trimmed", &[("cell", &at.sql())])
                ));
                layers[1].push(text.clone());
                layers[1].push(format!("{} AS {exact}", say("exact", &[("text", &text)])));
                layers[2].push(text.clone());
                layers[2].push(format!("{} AS {own}", say("money", &[("exact", &exact)])));
                layers[3].push(own.clone());
                self.read(&text, &own, "this is not a number", faults);
                if self.column == self.bill.books.amount {
                    faults.push(self.fault(&format!("{own} IS NULL"), "the cost is empty"));
                }
            }
            Cell::Time(at) => {
                layers[0].push(format!(
                    "{} AS {text}",
                    say("trimmed", &[("cell", &at.sql())])
                ));
                layers[1].push(text.clone());
                layers[2].push(text.clone());
                layers[2].push(format!("{} AS {own}", say("moment", &[("text", &text)])));
                layers[3].push(own.clone());
                self.read(&text, &own, "this is not a date", faults);
                if self.column == self.bill.books.charge_start {
                    faults.push(self.fault(&format!("{own} IS NULL"), "the date is empty"));
                }
            }
            Cell::Tags { maps, keys, cur } => {
                self.tags(maps, keys, *cur, layers, faults, unreadable)
            }
            Cell::NoText | Cell::NoMoney | Cell::NoTime => {}
        }
    }

    /// The text of a cell; the currency in its one spelling, or as the user states it.
    fn text(&self, at: &str) -> String {
        let (currency, stated) = &self.bill.books.currency;
        if self.column != currency {
            return self.dialect.say("text", &[("cell", at)]);
        }
        let text = self.dialect.say("currency", &[("cell", at)]);
        match stated {
            Some(stated) => format!("COALESCE({text}, {})", quoted(stated)),
            None => text,
        }
    }

    /// Tags are read in three steps: objects, entries in one list, text.
    fn tags(
        &self,
        maps: &[At],
        keys: &[(At, String)],
        cur: bool,
        layers: &mut [Vec<String>; 4],
        faults: &mut Vec<String>,
        unreadable: &mut Vec<String>,
    ) {
        let own = name(self.column);
        let say = |what: &str, holes: &[(&str, &str)]| self.dialect.say(what, holes);
        let key = say(if cur { "cur_key" } else { "plain_key" }, &[]);
        let mut lists = Vec::new();
        let mut torn = Vec::new();
        for (index, at) in maps.iter().enumerate() {
            let (text, object) = (
                self.beside(&format!("text{index}")),
                self.beside(&format!("object{index}")),
            );
            let cell = say("trimmed", &[("cell", &at.sql())]);
            layers[0].push(format!("{cell} AS {text}"));
            layers[1].push(text.clone());
            layers[1].push(format!("{} AS {object}", say("object", &[("cell", &text)])));
            layers[2].push(text.clone());
            let broken = self.beside(&format!("broken{index}"));
            layers[2].push(format!(
                "({text} IS NOT NULL AND {object} IS NULL) AS {broken}"
            ));
            faults.push(self.fault(
                &format!("{text} NOT LIKE '{{%'"),
                "tags in this form are not read on a cluster",
            ));
            unreadable.push(format!("CASE WHEN {broken} THEN 1 ELSE 0 END"));
            torn.push(format!("({text} IS NOT NULL AND {object} IS NULL)"));
            let entries = say("entries", &[("object", &object), ("key", &key)]);
            lists.push(entries);
        }
        let cells: Vec<String> = keys
            .iter()
            .enumerate()
            .map(|(index, (at, key))| {
                let cell = self.beside(&format!("cell{index}"));
                layers[0].push(format!("{} AS {cell}", say("text", &[("cell", &at.sql())])));
                layers[1].push(cell.clone());
                say("entry", &[("key", &quoted(key)), ("text", &cell)])
            })
            .collect();
        if !cells.is_empty() {
            lists.push(say("listed", &[("entries", &cells.join(", "))]));
        }
        let entries = match lists.as_slice() {
            [only] => only.clone(),
            several => say(
                "concat",
                &[("entries", &or_none(several, &say("no_entries", &[])))],
            ),
        };
        let joined = say("joined", &[("entries", &entries)]);
        let text = say("tags", &[("joined", &joined)]);
        let text = if torn.is_empty() {
            text
        } else {
            format!("CASE WHEN NOT ({}) THEN {text} END", torn.join(" OR "))
        };
        layers[2].push(format!("{text} AS {own}"));
        layers[3].push(own);
    }

    /// A name for what is only there between two layers.
    fn beside(&self, what: &str) -> String {
        name(&format!("{} {what}", self.column))
    }

    /// A cell that has a text and no value cannot be read.
    fn read(&self, text: &str, own: &str, reason: &str, faults: &mut Vec<String>) {
        faults.push(self.fault(&format!("{text} IS NOT NULL AND {own} IS NULL"), reason));
    }

    fn fault(&self, when: &str, reason: &str) -> String {
        format!(
            "WHEN {when} THEN {}",
            quoted(&format!("`{}`: {reason}", self.column))
        )
    }
}

/// Lists of entries one after the other, each of them empty where there is none.
fn or_none(lists: &[String], none: &str) -> String {
    let lists: Vec<String> = lists
        .iter()
        .map(|list| format!("COALESCE({list}, {none})"))
        .collect();
    lists.join(", ")
}

/// Usage whose date lies outside its billing period: the same grace of a day, and of 400 days back, as at the door.
fn outside(bill: &Bill, dialect: &Dialect) -> Option<String> {
    let (column, values) = bill.books.usage.as_ref()?;
    let start = name(&bill.books.charge_start);
    let period = period_start(bill);
    let month_end = dialect.say("month_end", &[("moment", &period)]);
    let stated = bill.books.period_end.as_ref();
    let end = match stated.filter(|column| has(bill, column)) {
        Some(stated) => format!(
            "GREATEST(COALESCE({}, {month_end}), {month_end})",
            name(stated)
        ),
        None => month_end,
    };
    let latest = dialect.say("days_before", &[("moment", &end), ("days", "-1")]);
    let month_start = dialect.say("month_start", &[("moment", &period)]);
    let earliest = dialect.say("days_before", &[("moment", &month_start), ("days", "400")]);
    if column.as_ref().is_some_and(|column| !has(bill, column)) {
        return None;
    }
    let is_usage = column.as_ref().map_or("TRUE".to_owned(), |column| {
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        format!("{} IN ({})", name(column), values.join(", "))
    });
    let reason = quoted(&format!(
        "`{}`: the charge's date lies outside its billing period",
        bill.books.charge_start
    ));
    Some(format!(
        "WHEN {is_usage} AND ({start} >= {latest} OR {start} < {earliest}) THEN {reason}"
    ))
}

/// True for a column that the export has.
fn has(bill: &Bill, wanted: &str) -> bool {
    (bill.columns.iter()).any(|(column, cell)| column == wanted && cell.absent_type().is_none())
}

/// The start of a row's billing period, as an expression over typed columns.
pub(super) fn period_start(bill: &Bill) -> String {
    let (stated, start) = (&bill.books.period_start, name(&bill.books.charge_start));
    if has(bill, stated) {
        format!("COALESCE({}, {start})", name(stated))
    } else {
        start
    }
}

fn calendar(bill: &Bill, dialect: &Dialect) -> Vec<String> {
    let (start, period) = (name(&bill.books.charge_start), period_start(bill));
    [
        ("month_start", &start, "charge_month_start"),
        ("month_end", &start, "charge_month_end"),
        ("day_end", &start, "charge_day_end"),
        ("month_start", &period, "billing_month_start"),
        ("month_last", &period, "billing_month_last"),
        ("month_end", &period, "billing_month_end"),
    ]
    .map(|(what, moment, column)| {
        format!("{} AS {column}", dialect.say(what, &[("moment", moment)]))
    })
    .into()
}

fn product(bill: &Bill, dialect: &Dialect, a: &str, b: &str) -> String {
    if !has(bill, a) || !has(bill, b) {
        return "CAST(NULL AS DECIMAL(26, 12))".to_owned();
    }
    times(dialect, &name(a), &name(b))
}

/// Two amounts multiplied, rounded half to even.
fn times(dialect: &Dialect, a: &str, b: &str) -> String {
    let holes = [("a", a), ("b", b)];
    let (whole, rest) = (dialect.say("whole", &holes), dialect.say("rest", &holes));
    dialect.say(
        "times",
        &[("a", a), ("b", b), ("whole", &whole), ("rest", &rest)],
    )
}
