use super::*;
use proptest::prelude::*;

const JSON: &str = r#"[{"name": "It's \"one\"", "amount": -1.10, "id": null}, {"amount": "2E-3", "type": "FREE_TIER"}]"#;
const PYTHON: &str = r#"[{'name': 'It\'s "one"', 'amount': -1.10, 'id': None}, {'amount': '2E-3', 'type': 'FREE_TIER'}]"#;

fn pairs(cell: &str) -> Option<Vec<(String, String)>> {
    tags(cell.as_bytes()).map(|tags| tags.into_iter().collect())
}

fn pair(key: &str, value: &str) -> (String, String) {
    (key.to_owned(), value.to_owned())
}

#[test]
fn json_and_python_are_one_value() {
    assert_eq!(parse(JSON.as_bytes()), parse(PYTHON.as_bytes()));
    assert_eq!(
        sum(PYTHON.as_bytes(), "Amount"),
        Ok(Some(-1_098_000_000_000))
    );
    assert_eq!(
        parse(b"[{'a': True}\n {'a': False}]"),
        parse(br#"[{"a":true},{"a":false}]"#)
    );
}

#[test]
fn a_list_of_no_amounts_is_nothing_or_zero() {
    assert_eq!(sum(b"[]", "amount"), Ok(Some(0)));
    assert_eq!(sum(b"", "amount"), Ok(None));
    assert_eq!(sum(br#"[{"amount":null}]"#, "amount"), Ok(Some(0)));
    for wrong in [
        "12",
        "[1]",
        r#"[{"amount":"x"}]"#,
        r#"[{"amount":true}]"#,
        r#"[{"a":1}]"#,
        "[{",
    ] {
        assert!(sum(wrong.as_bytes(), "amount").is_err(), "{wrong}");
    }
}

#[test]
fn a_text_is_picked_from_the_first_entry_that_fits() {
    let pick = Pick::read("type=COMMITTED_USAGE*].id").unwrap();
    let list = r#"[{"type":"FREE_TIER","id":"a"},{"type":"COMMITTED_USAGE_DISCOUNT","id":"b"},{"type":"COMMITTED_USAGE_DISCOUNT","id":"c"}]"#;
    assert_eq!(pick.of(&parse(list.as_bytes()).unwrap()), Some("b".into()));
    let exact = Pick::read("type=COMMITTED_USAGE].id").unwrap();
    assert_eq!(exact.of(&parse(list.as_bytes()).unwrap()), None);
    assert_eq!(Pick::read("description]"), None);
    let label = Pick::read("key=a.b/spec].value").unwrap();
    for labels in [
        r#"[{"key":"a.b/spec","value":"n2"}]"#,
        r#"{"a.b/spec":"n2"}"#,
    ] {
        let labels = parse(labels.as_bytes()).unwrap();
        assert_eq!(label.of(&labels), Some("n2".into()));
    }
}

#[test]
fn lists_of_tags_are_sets() {
    assert_eq!(
        pairs(
            r#"[{"key":"env","value":"prod"},{"key":"n","value":1},{"key":"blank","value":null}]"#
        ),
        Some(vec![pair("blank", ""), pair("env", "prod"), pair("n", "1")])
    );
    assert_eq!(pairs("{'env': 'prod'}"), Some(vec![pair("env", "prod")]));
    assert_eq!(
        pairs("[{'key': 'pii', 'value': 'no', 'inherited': True, 'namespace': 'org'}]"),
        Some(vec![pair("org/pii", "no")])
    );
    assert_eq!(pairs("[1]"), None);
    assert_eq!(pairs("[]"), Some(vec![]));
}

#[test]
fn labels_of_a_project_give_way_in_any_order() {
    let wanted = Some(vec![pair("env", "own"), pair("system:cores", "4")]);
    let own = r#"{"key":"env","value":"own","x_type":"label"}"#;
    let project = r#"{"key":"env","value":"project","x_type":"project_label"}"#;
    let system = r#"{"key":"cores","value":"4","x_type":"system_label"}"#;
    assert_eq!(pairs(&format!("[{own},{project},{system}]")), wanted);
    assert_eq!(pairs(&format!("[{system},{project},{own}]")), wanted);
}

#[test]
fn what_is_no_value_says_where() {
    assert_eq!(parse(br#"{"a":1 "b":2}"#), Err(7));
    assert_eq!(parse(b"{} x"), Err(3));
    assert_eq!(parse(&b"[".repeat(1000)), Err(64));
    assert_eq!(parse(b""), Err(0));
}

/// Any value as serde writes it.
fn values() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value as Json;
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(Json::from),
        ".{0,12}".prop_map(Json::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map(".{0,6}", inner, 0..4)
                .prop_map(|map| Json::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn what_serde_writes_is_read_and_written_back(value in values()) {
        let text = value.to_string();
        prop_assert_eq!(parse(text.as_bytes()).map(|value| { let mut json = String::new(); value.write(&mut json); json }), Ok(text));
    }

    #[test]
    fn sums_are_exact(amounts in prop::collection::vec(-1_000_000_000_000_000_000i128..1_000_000_000_000_000_000, 0..8)) {
        let entry = |units: &i128| format!(r#"{{"amount": {}}}"#, Money::from_units(*units));
        let list = amounts.iter().map(entry).collect::<Vec<_>>().join(", ");
        prop_assert_eq!(sum(format!("[{list}]").as_bytes(), "amount"), Ok(Some(amounts.iter().sum())));
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let _ = (parse(&bytes), sum(&bytes, "amount"), tags(&bytes));
    }
}
