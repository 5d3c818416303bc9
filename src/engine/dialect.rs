//! The SQL that Polars, Spark and `DuckDB` run with the same values. Says what a query must not use and why.

/// A word that the engines do not share, and what to write instead.
const FORBIDDEN: &[(&str, &str)] = &[
    ("DATE_TRUNC", "use x_ChargeMonth"),
    ("YEAR(", "use x_ChargeMonth or EXTRACT"),
    ("CURRENT_DATE", "days are bound as literals"),
    ("NOW(", "days are bound as literals"),
    ("GROUPING SETS", "write a UNION ALL"),
    ("ROLLUP", "write a UNION ALL"),
    ("CUBE", "write a UNION ALL"),
    (
        " PRECEDING AND CURRENT",
        "sliding frames differ; compute in Rust",
    ),
    ("EXISTS", "join instead"),
    ("SUM(SUM(", "nested window sums are silently wrong"),
    ("AVG(", "averages of decimals differ; compute in Rust"),
    ("ROUND(", "ties differ; round in Rust"),
    ("UNNEST", "no common form"),
    ("ANY_VALUE", "use MIN or MAX"),
    ("VARCHAR", "use STRING"),
    ("REGEXP", "no common form"),
    ("JSON", "no common form"),
];

/// What is wrong with a query, each as (line from 1, sentence). Comments and quoted text do not count.
pub fn faults(sql: &str) -> Vec<(u64, String)> {
    let mut faults = Vec::new();
    for (index, line) in sql.lines().enumerate() {
        let code = without_quotes(line).to_uppercase();
        let at = index as u64 + 1;
        for (word, instead) in FORBIDDEN {
            if code.contains(word) {
                faults.push((
                    at,
                    format!("`{}` is not shared by all engines: {instead}", word.trim()),
                ));
            }
        }
        if code.contains(" / ")
            || (code.contains(" * ") && !code.trim_start().starts_with("SELECT *"))
        {
            faults.push((
                at,
                "products and quotients of decimals are inexact: compute in Rust".to_owned(),
            ));
        }
    }
    faults
}

/// A line without its comment and without what stands between single quotes.
fn without_quotes(line: &str) -> String {
    let code = line.split("--").next().unwrap_or_default();
    code.split('\'').step_by(2).collect::<Vec<_>>().join("''")
}

#[cfg(test)]
mod tests {
    use super::faults;

    #[test]
    fn what_engines_do_not_share_is_found_with_its_line() {
        let found = faults("SELECT a\nFROM t WHERE YEAR(d) = 2026");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].0, 2);
        assert_eq!(faults("SELECT a / b FROM t").len(), 1);
    }

    #[test]
    fn comments_and_texts_do_not_count() {
        assert!(faults("SELECT 'YEAR(' AS a, COUNT(*) AS n -- ROUND(x)\nFROM t").is_empty());
    }
}
