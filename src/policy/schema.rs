//! The JSON Schema of the policy, for editors that check while one types. It says what is there and of which
//! kind; what contradicts itself is refused by the program alone.

/// JSON Schema, draft 2020-12, of `tags.toml`.
pub const SCHEMA: &str = include_str!("tags.schema.json");

#[cfg(test)]
mod tests {
    use super::SCHEMA;
    use crate::policy::TagPolicy;
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn schema() -> Value {
        serde_json::from_str(SCHEMA).unwrap()
    }

    /// The keys that the program reads where this text ends, as its error lists them.
    fn read_keys(text: &str) -> BTreeSet<String> {
        let error = toml::from_str::<super::super::File>(&format!("{text}zzzzzzzz = 1\n")).err();
        let message = error.unwrap().message().to_owned();
        assert!(message.starts_with("unknown field `zzzzzzzz`"), "{message}");
        let quoted = message.split('`').skip(1).step_by(2).skip(1);
        quoted.map(str::to_owned).collect()
    }

    fn keys(object: &Value) -> BTreeSet<String> {
        let properties = object["properties"].as_object().unwrap();
        assert_eq!(object["additionalProperties"], false);
        properties.keys().cloned().collect()
    }

    #[test]
    fn the_schema_has_the_keys_that_are_read() {
        let schema = schema();
        assert_eq!(keys(&schema), read_keys(""));
        for (name, text) in [
            ("tag", "[[tag]]\n"),
            ("applies_to", "[[tag]]\n[tag.applies_to]\n"),
            ("except", "[[tag]]\n[tag.applies_to.except]\n"),
            ("inherit", "[[inherit]]\n"),
            ("exempt", "[[exempt]]\n"),
            ("target", "[[target]]\n"),
            ("merge", "[[merge]]\n"),
            ("merge_rules", "[merge_rules]\n"),
            ("accept", "[[accept]]\n"),
            ("suggest", "[suggest]\n"),
        ] {
            assert_eq!(keys(&schema["$defs"][name]), read_keys(text), "{name}");
        }
    }

    #[test]
    fn every_key_is_described() {
        for (name, part) in schema()["$defs"].as_object().unwrap() {
            for (key, property) in part["properties"].as_object().into_iter().flatten() {
                let about = property["description"].as_str().unwrap_or_default();
                assert!(about.ends_with('.') || about.contains(": "), "{name}.{key}");
            }
        }
    }

    /// What of a policy the schema does not allow; the few words of the schema that it uses.
    fn faults(value: &Value, part: &Value, root: &Value, at: &str) -> Vec<String> {
        let mut faults = Vec::new();
        if let Some(name) = part["$ref"].as_str() {
            let own = root.pointer(name.trim_start_matches('#')).unwrap();
            faults.extend(self::faults(value, own, root, at));
        }
        let is = match part["type"].as_str() {
            Some("object") => value.is_object(),
            Some("array") => value.is_array(),
            Some("string") => value.is_string(),
            Some("boolean") => value.is_boolean(),
            Some("number") => value.is_number(),
            Some(other) => panic!("{other}"),
            None => true,
        };
        let listed = part["enum"]
            .as_array()
            .is_none_or(|all| all.contains(value));
        if !is || !listed {
            faults.push(format!("{at}: {value}"));
        }
        for (key, inner) in value.as_object().into_iter().flatten() {
            let at = format!("{at}.{key}");
            match &part["properties"][key] {
                Value::Null if part["additionalProperties"].is_object() => {
                    faults.extend(self::faults(
                        inner,
                        &part["additionalProperties"],
                        root,
                        &at,
                    ));
                }
                Value::Null if part["additionalProperties"] == false => faults.push(at),
                own => faults.extend(self::faults(inner, own, root, &at)),
            }
        }
        for inner in value
            .as_array()
            .into_iter()
            .flatten()
            .filter(|_| part["items"].is_object())
        {
            faults.extend(self::faults(inner, &part["items"], root, at));
        }
        let lacks = |key: &&Value| value.get(key.as_str().unwrap()).is_none();
        let lacking = part["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(lacks);
        faults.extend(lacking.map(|key| format!("{at} lacks {key}")));
        faults
    }

    fn faults_of(policy: &str) -> Vec<String> {
        let value: toml::Value = toml::from_str(policy).unwrap();
        let schema = schema();
        faults(&as_json(&value), &schema, &schema, "")
    }

    /// As editors see TOML: a day is a text.
    fn as_json(value: &toml::Value) -> Value {
        match value {
            toml::Value::Table(table) => table
                .iter()
                .map(|(key, value)| (key.clone(), as_json(value)))
                .collect(),
            toml::Value::Array(all) => all.iter().map(as_json).collect(),
            toml::Value::Datetime(day) => day.to_string().into(),
            other => serde_json::to_value(other).unwrap(),
        }
    }

    #[test]
    fn the_sample_and_the_starter_policy_are_valid() {
        let sample = include_str!("../../sample-data/tags.toml");
        assert_eq!(faults_of(sample), Vec::<String>::new());
        let starter = include_str!("../command/init/tags.toml");
        assert!(starter.starts_with("#:schema "));
        assert_eq!(faults_of(starter), Vec::<String>::new());
    }

    #[test]
    fn what_the_schema_allows_the_program_reads() {
        let whole = "[[tag]]\nkey = \"team\"\nrequired = true\ncase = \"lower\"\ntarget = 95\n\
                     applies_to = { providers = [\"AWS\"], except = { accounts = [\"1\"] } }\n\
                     [[inherit]]\ntag = \"team\"\nfrom = \"account\"\nvalues = { 1 = \"data\" }\n\
                     [[exempt]]\nwhen = { ServiceName = [\"x\"] }\nowner = \"a\"\nreason = \"b\"\nexpires = 2026-12-31\n\
                     [[target]]\nscope = \"team\"\nvalue = \"data\"\npercent = 80\n";
        assert_eq!(faults_of(whole), Vec::<String>::new());
        assert!(TagPolicy::parse(whole, "t.toml".as_ref()).is_ok());
        let wrong =
            "[[tag]]\ncase = \"any\"\nvalues = \"a\"\nvalue = 1\n[[target]]\nscope = \"all\"\n";
        assert_eq!(faults_of(wrong).len(), 7, "{:?}", faults_of(wrong));
    }
}
