//! The queries of `queries/focus/`, by name, and the table that they look services up in.

use crate::error::{Error, Result};
use polars::prelude::{Column, DataFrame};

/// A mapping to FOCUS, or what goes with one.
#[must_use]
pub fn mapping(name: &str) -> &'static str {
    match name {
        "aws_cur" => include_str!("../../queries/focus/aws_cur.sql"),
        "aws_cur_identity" => include_str!("../../queries/focus/aws_cur_identity.sql"),
        "aws_cur_negation" => include_str!("../../queries/focus/aws_cur_negation.sql"),
        "azure" => include_str!("../../queries/focus/azure.sql"),
        "oci" => include_str!("../../queries/focus/oci.sql"),
        "cost_explorer" => include_str!("../../queries/focus/cost_explorer.sql"),
        "focus_changes" => include_str!("../../queries/focus/focus_changes.sql"),
        "focus_rules" => include_str!("../../queries/focus/focus_rules.sql"),
        "gcp" => include_str!("../../queries/focus/gcp.sql"),
        _ => include_str!("../../queries/focus/focus.sql"),
    }
}

/// The service categories that mappings look up: the table `service_categories`.
pub fn categories() -> Result<DataFrame> {
    let text = include_str!("../../queries/focus/service_categories.csv");
    let pairs: Vec<(&str, &str)> = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(','))
        .collect();
    let (services, categories): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    let rows = services.len();
    let columns = vec![
        Column::new("Service".into(), services),
        Column::new("ServiceCategory".into(), categories),
    ];
    DataFrame::new(rows, columns).map_err(|e| Error::data(e.to_string()))
}
