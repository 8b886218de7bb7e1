//! Reading worker/wrangler.jsonc, the one description of what surrounds the Worker.

use crate::failure::{Context, Failure, Result};
use crate::room::Room;
use serde_json::Value;

/// The parts of wrangler.jsonc that the local runtime needs.
#[derive(Debug, PartialEq, Eq)]
pub struct Wrangler {
    /// The Worker's name; part of every object's identity.
    pub name: String,
    /// Which behaviour of the runtime the Worker was written for, `YYYY-MM-DD`.
    pub compatibility_date: String,
    /// Behaviours switched on one by one.
    pub compatibility_flags: Vec<String>,
    /// Durable Objects: (binding, class), in file order.
    pub objects: Vec<(String, String)>,
    /// Classes whose storage is SQLite.
    pub sqlite_classes: Vec<String>,
    /// The binding of the static files.
    pub assets_binding: String,
    /// Plain text settings.
    pub vars: Vec<(String, String)>,
}

impl Wrangler {
    /// Reads the repository's file.
    ///
    /// # Errors
    /// When it is missing, is not JSON with comments, or uses something the local runtime would have to know about.
    pub fn read(room: &Room) -> Result<Self> {
        let path = room.at("worker/wrangler.jsonc");
        let text = std::fs::read_to_string(&path).context(|| format!("reading {}", path.display()))?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(&without_comments(text)).context(|| "worker/wrangler.jsonc".into())?;
        let known = [
            "$schema",
            "name",
            "main",
            "compatibility_date",
            "compatibility_flags",
            "workers_dev",
            "durable_objects",
            "migrations",
            "assets",
            "vars",
            "observability",
            "limits",
            "triggers",
            "routes",
            "placement",
        ];
        if let Some(key) = value.as_object().and_then(|keys| keys.keys().find(|key| !known.contains(&key.as_str()))) {
            return Err(Failure::new(format!(
                "worker/wrangler.jsonc: teach crates/xtask/src/runtime what `{key}` means locally, or the local edge will differ"
            )));
        }
        let required = |pointer: &str| {
            let text = value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
            text.ok_or_else(|| Failure::new(format!("worker/wrangler.jsonc: {pointer} is missing")))
        };
        let list = |pointer: &str| value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default();
        let field = |object: &Value, key: &str| object.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let strings =
            |values: Vec<Value>| values.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>();
        let migrated = list("/migrations").into_iter().flat_map(|migration| {
            strings(migration.get("new_sqlite_classes").and_then(Value::as_array).cloned().unwrap_or_default())
        });
        let vars = value.get("vars").and_then(Value::as_object).cloned().unwrap_or_default();
        Ok(Self {
            name: required("/name")?,
            compatibility_date: required("/compatibility_date")?,
            compatibility_flags: strings(list("/compatibility_flags")),
            objects: list("/durable_objects/bindings")
                .iter()
                .map(|o| (field(o, "name"), field(o, "class_name")))
                .collect(),
            sqlite_classes: migrated.collect(),
            assets_binding: required("/assets/binding")?,
            vars: vars.into_iter().map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned())).collect(),
        })
    }
}

/// JSON from JSON with `//` and `/* */` comments and commas before closing brackets.
pub fn without_comments(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    let mut in_string = false;
    while let Some(c) = rest.next() {
        if in_string {
            plain.push(c);
            match c {
                '\\' => plain.extend(rest.next()),
                '"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match (c, rest.peek()) {
            ('/', Some('/')) => while rest.next_if(|&c| c != '\n').is_some() {},
            ('/', Some('*')) => {
                rest.next();
                let mut before = ' ';
                for c in rest.by_ref() {
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            (']' | '}', _) => {
                let kept = plain.trim_end().trim_end_matches(',').len();
                plain.truncate(kept);
                plain.push(c);
            }
            _ => {
                in_string = c == '"';
                plain.push(c);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_last_commas_go_strings_stay() {
        let text = r#"{ // a comment, with "quotes"
            "a": "http://x/*y*/", /* two
            lines */ "b": [1, 2, ], "c": "\"//",
        }"#;
        let value: Value = serde_json::from_str(&without_comments(text)).expect("plain JSON");
        assert_eq!(value, serde_json::json!({"a": "http://x/*y*/", "b": [1, 2], "c": "\"//"}));
    }

    #[test]
    fn the_repository_s_own_file_is_understood() {
        let wrangler = Wrangler::read(&Room::here()).expect("worker/wrangler.jsonc reads");
        assert_eq!(wrangler.assets_binding, "ASSETS");
        for (binding, class) in &wrangler.objects {
            assert!(!binding.is_empty() && !class.is_empty());
            assert!(wrangler.sqlite_classes.contains(class), "{class} has no migration to SQLite storage");
        }
    }

    /// A deletion, a renaming or a transfer in a migration takes objects away with all they remember, and a rollback to the code before could
    /// not bring them back. What was shipped is never edited: the platform goes by the tags it has seen.
    #[test]
    fn migrations_only_add_classes_and_shipped_ones_stand() {
        let text = std::fs::read_to_string(Room::here().at("worker/wrangler.jsonc")).expect("reads");
        let value: Value = serde_json::from_str(&without_comments(&text)).expect("plain JSON");
        let migrations = value["migrations"].as_array().expect("a list");
        for migration in migrations {
            let keys: Vec<&str> = migration.as_object().expect("an object").keys().map(String::as_str).collect();
            assert_eq!(keys.len(), 2, "{migration}");
            assert!(keys.contains(&"tag") && keys.contains(&"new_sqlite_classes"), "{migration}");
        }
        let shipped = serde_json::json!([
            { "tag": "v1", "new_sqlite_classes": ["Device", "Person", "Shard", "Site", "Pool", "Conversation"] },
            { "tag": "v2", "new_sqlite_classes": ["Intake"] },
        ]);
        assert!(migrations.starts_with(shipped.as_array().expect("a list")), "add behind what was shipped");
        let mut tags: Vec<&Value> = migrations.iter().map(|migration| &migration["tag"]).collect();
        let all = tags.len();
        tags.dedup();
        assert_eq!(tags.len(), all, "each tag once");
        let bound: Vec<&Value> = value["durable_objects"]["bindings"].as_array().expect("a list").iter().collect();
        for class in migrations.iter().flat_map(|m| m["new_sqlite_classes"].as_array().cloned().unwrap_or_default()) {
            assert!(bound.iter().any(|binding| binding["class_name"] == class), "{class} has objects and no binding");
        }
    }

    #[test]
    fn an_unknown_setting_is_refused_rather_than_ignored_locally() {
        let text = r#"{"name":"n","compatibility_date":"2026-01-01","assets":{"binding":"A"},"kv_namespaces":[]}"#;
        let failure = Wrangler::parse(text).expect_err("not known locally");
        assert!(failure.to_string().contains("kv_namespaces"));
    }
}
