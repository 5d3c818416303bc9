//! Tables to a workbook for people who live in spreadsheets. Amounts are numbers where a double gives back every
//! digit, else text that says so; texts are never formulas; the only formulas add a column up, with their result
//! stored for viewers that do not compute. Computes no amount but those totals. Same tables and day, same bytes.

use super::definition::Definition;
use super::table::{Cell, Table};
use crate::error::{Error, Result};
use crate::money::{Money, minor_units};
use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Formula, Workbook, Worksheet, XlsxError,
};
use std::collections::BTreeMap;

/// Rows of a sheet, its header and totals included (Excel's specification of limits).
const MOST_ROWS: usize = 1_048_576;
/// Currencies that a sheet leaves room for below its rows.
const ROOM: usize = 1_000;
/// Characters of a cell (Excel's specification of limits).
const MOST_CHARACTERS: usize = 32_767;
/// Widest column, in pixels.
const WIDEST: u32 = 420;

/// One sheet.
#[derive(Clone, Copy, Debug)]
pub struct Sheet<'a> {
    /// Its name, at most 31 characters.
    pub name: &'a str,
    /// Its rows.
    pub table: &'a Table,
    /// The report that it shows; its columns of money are added up, by currency.
    pub report: Option<&'a Definition>,
}

/// The bytes of a workbook with these sheets and a last one, `About`, of these lines. Created on `day`.
pub fn workbook(
    sheets: &[Sheet<'_>],
    about: &[(String, String)],
    day: NaiveDate,
) -> Result<Vec<u8>> {
    write(sheets, about, day).map_err(|e| Error::data(format!("cannot write the workbook: {e}")))
}

fn write(
    sheets: &[Sheet<'_>],
    about: &[(String, String)],
    day: NaiveDate,
) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let year = u16::try_from(day.year()).unwrap_or(1900);
    let month = u8::try_from(day.month()).unwrap_or(1);
    let day = ExcelDateTime::from_ymd(year, month, u8::try_from(day.day()).unwrap_or(1))?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&day));
    let mut about = about.to_vec();
    for sheet in sheets {
        let worksheet = workbook.add_worksheet();
        worksheet.set_name(sheet.name)?;
        if sheet.table.rows.len() + ROOM > MOST_ROWS {
            let rows = sheet.table.rows.len();
            about.push((
                sheet.name.to_owned(),
                format!("{rows} rows are more than a sheet holds: see the CSV"),
            ));
            continue;
        }
        let texts = fill(worksheet, sheet)?;
        if texts > 0 {
            about.push((
                sheet.name.to_owned(),
                format!("{texts} amounts have more digits than a spreadsheet's numbers hold: they are text, in italics, and so are the totals of their columns"),
            ));
        }
    }
    let worksheet = workbook.add_worksheet();
    worksheet.set_name("About")?;
    let bold = Format::new().set_bold();
    for (row, (name, text)) in (0u32..).zip(&about) {
        worksheet.write_string_with_format(row, 0, cut(name), &bold)?;
        worksheet.write_string_with_format(row, 1, cut(text), &Format::new().set_text_wrap())?;
    }
    worksheet.set_column_width(0, 24)?;
    worksheet.set_column_width(1, 100)?;
    workbook.save_to_buffer()
}

/// Fills a sheet; how many of its amounts no double holds.
fn fill(worksheet: &mut Worksheet, sheet: &Sheet<'_>) -> std::result::Result<usize, XlsxError> {
    let table = sheet.table;
    let bold = Format::new().set_bold();
    for (at, name) in (0u16..).zip(&table.columns) {
        worksheet.write_string_with_format(0, at, cut(name), &bold)?;
    }
    let mut texts = 0;
    let currencies = table.texts("BillingCurrency");
    for (row, (cells, currency)) in (1u32..).zip(table.rows.iter().zip(&currencies)) {
        for (at, cell) in (0u16..).zip(cells) {
            texts += usize::from(!put(worksheet, (row, at), cell, currency)?);
        }
    }
    let last = u32::try_from(table.rows.len()).unwrap_or(0);
    let width = u16::try_from(table.columns.len())
        .unwrap_or(1)
        .saturating_sub(1);
    worksheet.autofilter(0, 0, last, width)?;
    worksheet.set_freeze_panes(1, 0)?;
    totals(worksheet, sheet, last)?;
    worksheet.set_autofit_max_width(WIDEST).autofit();
    Ok(texts)
}

/// Writes a cell; false for an amount that had to become text.
fn put(
    worksheet: &mut Worksheet,
    (row, at): (u32, u16),
    cell: &Cell,
    currency: &str,
) -> std::result::Result<bool, XlsxError> {
    match cell {
        Cell::Money(amount) => {
            let Some(value) = held(*amount) else {
                worksheet.write_string_with_format(row, at, amount.to_string(), &text())?;
                return Ok(false);
            };
            worksheet.write_number_with_format(row, at, value, &money(currency))?;
        }
        Cell::Percent(_) => {
            let share = cell.approximate().unwrap_or_default() / 100.0;
            let percent = Format::new().set_num_format("0.00%");
            worksheet.write_number_with_format(row, at, share, &percent)?;
        }
        Cell::Count(_) | Cell::Number(..) => {
            if let Some(value) = cell.approximate().filter(|value| value.is_finite()) {
                worksheet.write_number(row, at, value)?;
            }
        }
        Cell::Text(_) | Cell::Day(_) => {
            worksheet.write_string(row, at, cut(&cell.plain()))?;
        }
        Cell::Empty => {}
    }
    Ok(true)
}

/// A row per currency below the table, after an empty one: each column of money added up by a formula, with its
/// result; as text where an amount of it is text, which no formula adds up.
fn totals(
    worksheet: &mut Worksheet,
    sheet: &Sheet<'_>,
    last: u32,
) -> std::result::Result<(), XlsxError> {
    let table = sheet.table;
    let Some((report, place)) = sheet.report.zip(table.at("BillingCurrency")) else {
        return Ok(());
    };
    let is_money = |name: &str| {
        let mut columns = report.column.iter();
        columns.any(|column| column.name == name && column.unit == "money")
    };
    let codes = letters(place);
    for (row, (currency, lines)) in (last + 2..).zip(by_currency(table)) {
        worksheet.write_string_with_format(row, 0, "Total", &Format::new().set_bold())?;
        let place = u16::try_from(place).unwrap_or(0);
        worksheet.write_string_with_format(row, place, &currency, &Format::new().set_bold())?;
        for at in (0..table.columns.len()).filter(|at| is_money(&table.columns[*at])) {
            let amounts = lines
                .iter()
                .filter_map(|line| table.rows[*line][at].money());
            let total: Money = amounts.clone().sum();
            let column = u16::try_from(at).unwrap_or(0);
            if amounts.clone().any(|amount| held(amount).is_none()) {
                let bold = text().set_bold();
                worksheet.write_string_with_format(row, column, total.to_string(), &bold)?;
                continue;
            }
            let (name, end, own) = (letters(at), last + 1, row + 1);
            let sum =
                format!("=SUMIF(${codes}$2:${codes}${end},${codes}{own},{name}$2:{name}${end})");
            let result = held(total).unwrap_or_else(|| total.approximate());
            let sum = Formula::new(sum).set_result(result.to_string());
            let bold = money(&currency).set_bold();
            worksheet.write_formula_with_format(row, column, sum, &bold)?;
        }
    }
    Ok(())
}

/// The lines of each currency.
fn by_currency(table: &Table) -> BTreeMap<String, Vec<usize>> {
    let mut lines: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (line, currency) in table.texts("BillingCurrency").into_iter().enumerate() {
        lines.entry(currency).or_default().push(line);
    }
    lines.into_iter().take(ROOM - 2).collect()
}

/// The double that is read back as exactly this amount, where there is one: its shortest text has the same digits.
/// From 2⁵³ cents on cents themselves have no double of their own.
fn held(amount: Money) -> Option<f64> {
    const CENT: i128 = 10_000_000_000;
    let digits = amount.to_string();
    let value: f64 = digits.parse().ok()?;
    let kept = digits.trim_end_matches('0').trim_end_matches('.');
    (kept == value.to_string() && amount.units().abs() < (1i128 << 53) * CENT).then_some(value)
}

fn money(currency: &str) -> Format {
    let decimals = "0".repeat(minor_units(currency));
    let point = if decimals.is_empty() { "" } else { "." };
    Format::new().set_num_format(format!("#,##0{point}{decimals}"))
}

/// Of an amount that is text.
fn text() -> Format {
    Format::new()
        .set_italic()
        .set_num_format("@")
        .set_align(FormatAlign::Right)
}

/// The letters of a column, from 0.
fn letters(column: usize) -> String {
    let letter = |at: usize| char::from(b'A' + u8::try_from(at % 26).unwrap_or(0));
    match column / 26 {
        0 => letter(column).to_string(),
        before => format!("{}{}", letters(before - 1), letter(column)),
    }
}

/// What a cell takes of a text.
fn cut(text: &str) -> String {
    if text.chars().nth(MOST_CHARACTERS).is_none() {
        return text.to_owned();
    }
    let kept: String = text.chars().take(MOST_CHARACTERS - 1).collect();
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amount(text: &str) -> Money {
        Money::parse(text.as_bytes()).unwrap()
    }

    fn table(rows: &[(&str, &str, &str)]) -> Table {
        let mut table = Table::new(&["CostCenter", "TotalCost", "BillingCurrency"]);
        for (owner, cost, currency) in rows {
            table.rows.push(vec![
                Cell::text(*owner),
                Cell::Money(amount(cost)),
                Cell::text(*currency),
            ]);
        }
        table
    }

    fn showback() -> Definition {
        let text = include_str!("../../reports/showback.toml");
        toml::from_str(text).unwrap()
    }

    fn bytes(table: &Table) -> Vec<u8> {
        let report = showback();
        let sheet = Sheet {
            name: "Showback",
            table,
            report: Some(&report),
        };
        let about = [("Month".to_owned(), "2026-10".to_owned())];
        workbook(&[sheet], &about, "2026-11-21".parse().unwrap()).unwrap()
    }

    #[test]
    fn a_double_holds_what_it_gives_back() {
        for text in [
            "0.00",
            "12.50",
            "-0.000000000001",
            "18509.4727453159",
            "100.00",
            "123456.7890123456",
        ] {
            assert!(held(amount(text)).is_some(), "{text}");
        }
        for text in [
            "90071992547409.93",
            "12345678901234.5678",
            "99999.123456789012",
            "90071992547409.92",
        ] {
            assert_eq!(held(amount(text)), None, "{text}");
        }
        assert!(held(amount("9007199254740.91")).is_some());
    }

    #[test]
    fn columns_have_letters() {
        assert_eq!(
            [0, 25, 26, 701, 702].map(letters),
            ["A", "Z", "AA", "ZZ", "AAA"]
        );
    }

    #[test]
    fn same_table_and_day_are_same_bytes() {
        let table = table(&[("=cmd()", "1.25", "USD"), ("b", "3", "JPY")]);
        assert_eq!(bytes(&table), bytes(&table));
    }

    #[test]
    fn no_text_is_too_long_for_a_cell() {
        assert_eq!(cut(&"é".repeat(40_000)).chars().count(), MOST_CHARACTERS);
        let long = "x".repeat(40_000);
        assert!(!bytes(&table(&[(&long, "1", "USD")])).is_empty());
    }

    proptest! {
        /// What is written as a number is the amount that a reader of the shortest text gets back.
        #[test]
        fn no_digit_is_lost(units in -100_000_000_000_000_000_000_000_000i128..100_000_000_000_000_000_000_000_000) {
            let money = Money::from_units(units);
            if let Some(value) = held(money) {
                prop_assert_eq!(Money::parse(value.to_string().as_bytes()), Ok(money));
            }
        }

        #[test]
        fn fifteen_digits_are_always_held(digits in -999_999_999_999_999i128..=999_999_999_999_999, places in 2u32..=12) {
            prop_assert!(held(Money::from_units(digits * 10i128.pow(12 - places))).is_some());
        }
    }
}
