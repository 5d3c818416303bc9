//! A hint for Terraform: tags in which all tagged resources of an account agree, as the provider's `default_tags`.

use std::collections::BTreeMap;
use std::fmt::Write;

/// By account: key, value and the resources that agree.
pub(super) fn defaults(agreed: &BTreeMap<String, Vec<(String, String, usize)>>) -> String {
    let mut text = "# A hint: tags in which all tagged resources of an account agree. Nothing here is applied by itself;\n\
                    # copy what is right into the account's own provider block.\n"
        .to_owned();
    for (account, tags) in agreed {
        let name: String = account
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        let _ = writeln!(
            text,
            "\nprovider \"aws\" {{\n  alias = {}",
            quoted(&format!("account_{name}"))
        );
        text.push_str("  default_tags {\n    tags = {\n");
        for (key, value, resources) in tags {
            let _ = writeln!(
                text,
                "      {} = {} # {resources} resources",
                quoted(key),
                quoted(value)
            );
        }
        text.push_str("    }\n  }\n}\n");
    }
    text
}

/// A text of HCL: quotes, backslashes and the signs that begin a template are escaped, and so is all that is no
/// printable ASCII.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '$' | '%' if chars.peek() == Some(&'{') => {
                quoted.push(c);
                quoted.push(c);
            }
            ' '..='~' => quoted.push(c),
            _ => {
                let _ = write!(quoted, "\\U{:08X}", u32::from(c));
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_stay_text() {
        assert_eq!(quoted("${file(\"x\")}%{a}"), r#""$${file(\"x\")}%%{a}""#);
        assert_eq!(quoted("a\nb$"), r#""a\U0000000Ab$""#);
    }
}
