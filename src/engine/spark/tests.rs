use super::*;

/// A small export with one column of every kind.
fn every_kind() -> Bill {
    let cell = |at: usize| At::Cell(at);
    let columns = [
        ("billed", Cell::Money(cell(0))),
        ("currency", Cell::Text(cell(1))),
        ("invoice", Cell::Text(cell(2))),
        ("list", Cell::NoMoney),
        ("price", Cell::Money(cell(3))),
        ("quantity", Cell::Money(cell(4))),
        ("region", Cell::Key(cell(5), "region".to_owned())),
        ("start", Cell::Time(cell(6))),
        (
            "tags",
            Cell::Tags {
                maps: vec![cell(7)],
                keys: vec![(cell(8), "team".to_owned())],
                cur: true,
            },
        ),
    ];
    Bill {
        place: "file:///bills/it's.csv".to_owned(),
        layout: Layout::Csv(9),
        mapping: "aws_cur".to_owned(),
        rules: None,
        columns: columns.map(|(name, cell)| (name.to_owned(), cell)).into(),
        products: vec![(
            "by_rate".to_owned(),
            ["price", "quantity"].map(str::to_owned),
        )],
        books: Books {
            amount: "billed".to_owned(),
            charge_start: "start".to_owned(),
            period_start: "start".to_owned(),
            currency: ("currency".to_owned(), Some("USD".to_owned())),
            invoice: Some("invoice".to_owned()),
            usage: Some((None, vec!["Usage".to_owned()])),
            controls: [vec!["billed".to_owned()], vec![], vec![], vec![]],
            ..Books::default()
        },
        owners: [vec!["team".to_owned(), "Team".to_owned()], vec![], vec![]],
    }
}

#[test]
fn cells_become_typed_columns() {
    let dialect = Dialect::of("spark_catalog");
    let bill = every_kind();
    let sql = typed::cells(&bill, "raw", &dialect);
    for column in [
        "billed", "currency", "invoice", "price", "region", "start", "tags",
    ] {
        assert!(sql.contains(&format!("`{column}`")), "{column}: {sql}");
    }
    assert!(
        sql.contains("AS x_Fault") && sql.contains("AS `by_rate`"),
        "{sql}"
    );
    assert!(sql.ends_with("FROM raw\n)\n)\n)"), "{sql}");
    assert!(!sql.contains("`list`"), "{sql}");
    let whole = typed::bill(&bill, "cells", &dialect);
    assert!(
        whole.contains("CAST(NULL AS DECIMAL(26, 12)) AS `list`") && whole.ends_with("FROM cells"),
        "{whole}"
    );
    assert_eq!(
        typed::schema(&bill, &dialect).unwrap().split(", ").count(),
        10
    );
    assert_eq!(
        typed::schema(&bill, &Dialect::of("sail"))
            .unwrap()
            .split(", ")
            .count(),
        9
    );
}

#[test]
fn no_hole_is_left_open() {
    let dialect = Dialect::of("sail");
    let bill = every_kind();
    let categories = charges::texts(&["Service", "ServiceCategory"], &[]);
    let all = [
        typed::cells(&bill, "raw", &dialect),
        typed::bill(&bill, "cells", &dialect),
        sums::export(&bill, "bill", &dialect),
        charges::charges(
            &bill,
            &[
                ("bill", "SELECT * FROM bill"),
                ("service_categories", &categories),
            ],
            &["BilledCost", "x_Team", "x_PriceGap"],
            &dialect,
        ),
    ];
    for sql in all {
        let hole = sql.split('{').skip(1).find(|rest| {
            rest.split('}')
                .next()
                .is_some_and(|word| !word.is_empty() && word.chars().all(char::is_alphabetic))
        });
        assert_eq!(hole, None);
    }
}

#[test]
fn a_query_sees_its_tables_and_begins_in_the_second_line() {
    let sql = charges::with(&[("focus", "SELECT * FROM f")], "SELECT 1\nFROM focus");
    assert_eq!(
        sql,
        "WITH focus AS (SELECT * FROM f) SELECT * FROM (\nSELECT 1\nFROM focus\n)"
    );
    let none = charges::texts(&["LargeId"], &[]);
    assert_eq!(none, "SELECT CAST(NULL AS STRING) AS LargeId WHERE FALSE");
    let some = charges::texts(&["LargeId"], &[vec!["it's"]]);
    assert_eq!(some, r"SELECT * FROM VALUES ('it\'s') AS t(LargeId)");
}

#[test]
fn what_the_lake_keeps_is_read_back() {
    let bill = every_kind();
    assert_eq!(Bill::read(&bill.text()), Some(bill));
}
