//! A query with its `WITH` written out: every table it names stands as a query where it is read.
//!
//! Spark numbers the tables of `WITH` anew for every question, and then no longer sees that a view it was asked to
//! keep is the one that is asked for: it would work out the view again for every fact. One without `WITH` is known.

use std::collections::BTreeMap;

/// Words that may follow the name of a table and are no other name for it.
const NOT_AN_ALIAS: [&str; 15] = [
    "CROSS", "FULL", "GROUP", "HAVING", "INNER", "JOIN", "LEFT", "LIMIT", "ON", "ORDER", "QUALIFY",
    "RIGHT", "UNION", "USING", "WHERE",
];

/// `SELECT` of the query without `WITH`, over these tables; the second of each is a query.
pub(super) fn inline(tables: &[(&str, &str)], sql: &str) -> String {
    let known: BTreeMap<&str, String> = tables
        .iter()
        .map(|(name, query)| (*name, (*query).to_owned()))
        .collect();
    written(&tokens(sql), known)
}

fn written<'a>(mut tokens: &[&'a str], mut known: BTreeMap<&'a str, String>) -> String {
    if is(tokens.first(), "WITH") {
        tokens = &tokens[1..];
        while let [name, as_, "(", ..] = tokens
            && is(Some(as_), "AS")
        {
            let end = closing(&tokens[2..]) + 2;
            let query = written(&tokens[3..end], known.clone());
            known.insert(name, query);
            let more = is(tokens.get(end + 1), ",");
            tokens = &tokens[(end + 1 + usize::from(more)).min(tokens.len())..];
        }
    }
    let mut said = Vec::with_capacity(tokens.len());
    for (at, token) in tokens.iter().enumerate() {
        let read = at > 0
            && ["FROM", "JOIN"]
                .iter()
                .any(|word| is(tokens.get(at - 1), word));
        match known.get(token).filter(|_| read) {
            Some(query) if has_alias(tokens.get(at + 1)) => said.push(format!("({query})")),
            Some(query) => said.push(format!("({query}) AS {token}")),
            None => said.push((*token).to_owned()),
        }
    }
    said.join(" ")
}

fn is(token: Option<&&str>, word: &str) -> bool {
    token.is_some_and(|token| token.eq_ignore_ascii_case(word))
}

fn has_alias(next: Option<&&str>) -> bool {
    next.is_some_and(|next| {
        next.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '`')
            && !NOT_AN_ALIAS
                .iter()
                .any(|word| word.eq_ignore_ascii_case(next))
    })
}

/// Where the parenthesis that comes first is closed.
fn closing(tokens: &[&str]) -> usize {
    let mut open = 0;
    for (at, token) in tokens.iter().enumerate() {
        match *token {
            "(" => open += 1,
            ")" if open == 1 => return at,
            ")" => open -= 1,
            _ => {}
        }
    }
    tokens.len()
}

/// Words with what is joined to them by dots, texts, operators; no blanks and no comments.
fn tokens(sql: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = sql.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '-' if rest.starts_with("--") => {
                let end = rest.find('\n').unwrap_or(rest.len());
                rest = rest[end..].trim_start();
                continue;
            }
            '\'' | '"' | '`' => quoted(rest, first),
            c if is_word(c) => rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            '<' | '>' | '|' | '!' | '=' => {
                let operator = |c: char| !matches!(c, '<' | '>' | '|' | '!' | '=');
                rest.find(operator).unwrap_or(rest.len())
            }
            other => other.len_utf8(),
        };
        found.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}

/// How long a text in quotes is; what stands behind a backslash never ends it.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            c if c == quote => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_stand_where_they_are_read() {
        let sql = "-- a 'b\nWITH one AS (SELECT * FROM bill WHERE x = 'FROM bill)'),\ntwo AS (\n  SELECT 1.5 FROM one\n)\n\
                   SELECT one.y FROM two LEFT JOIN kinds AS k ON k.z >= two.z";
        assert_eq!(
            inline(&[("bill", "SELECT * FROM b"), ("kinds", "SELECT 2")], sql),
            "SELECT one.y FROM (SELECT 1.5 FROM (SELECT * FROM (SELECT * FROM b) AS bill WHERE x = 'FROM bill)' ) AS one ) \
             AS two LEFT JOIN (SELECT 2) AS k ON k.z >= two.z"
                .replace("'FROM bill)' )", "'FROM bill)')")
                .replace(") AS one )", ") AS one)")
        );
    }

    #[test]
    fn what_reads_no_table_stays() {
        let sql = "SELECT EXTRACT ( HOUR FROM bill.start ) , bill AS \"FROM\" FROM other o";
        assert_eq!(inline(&[("bill", "SELECT 1")], sql), sql);
    }

    #[test]
    fn every_mapping_of_a_cluster_ends_without_with() {
        for name in ["aws_cur", "focus", "focus_rules"] {
            let sql = inline(&[("bill", "SELECT 1")], crate::engine::spark::mapping(name));
            let words = tokens(&sql);
            assert!(!words.contains(&"WITH"), "{name}");
            let opened = words.iter().filter(|word| **word == "(").count();
            assert_eq!(opened, words.iter().filter(|word| **word == ")").count());
        }
    }
}
