//! What was changed in a table, to be changed in another one that began as the same.

use toml::{Table, Value};

/// Changes of keys. The others stay as they are wherever they are applied.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Patch(Vec<(String, Change)>);

#[derive(Debug, Clone, PartialEq)]
enum Change {
    /// The key has this value.
    Set(Value),
    /// The key is gone.
    Remove,
    /// Of the table that the key has, this.
    Within(Patch),
}

impl Patch {
    /// What makes `after` of `before`.
    pub(super) fn between(before: &Table, after: &Table) -> Self {
        let gone = before.keys().filter(|key| !after.contains_key(*key));
        let gone = gone.map(|key| (key.clone(), Change::Remove));
        let other = after
            .iter()
            .filter_map(|(key, value)| Some((key.clone(), Change::of(before.get(key), value)?)));
        Self(gone.chain(other).collect())
    }

    /// Does the same to `table`.
    pub(super) fn apply(&self, table: &mut Table) {
        for (key, change) in &self.0 {
            match change {
                Change::Set(value) => {
                    table.insert(key.clone(), value.clone());
                }
                Change::Remove => {
                    table.remove(key);
                }
                Change::Within(patch) => {
                    let inner = table
                        .entry(key.clone())
                        .or_insert_with(|| Value::Table(Table::new()));
                    // What is no table was changed by somebody else, who may have had a reason.
                    if let Value::Table(inner) = inner {
                        patch.apply(inner);
                    }
                }
            }
        }
    }
}

impl Change {
    fn of(before: Option<&Value>, after: &Value) -> Option<Self> {
        match (before, after) {
            (Some(before), after) if before == after => None,
            (Some(Value::Table(before)), Value::Table(after)) => {
                Some(Self::Within(Patch::between(before, after)))
            }
            _ => Some(Self::Set(after.clone())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> Table {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn only_what_changed_is_changed() {
        let before = table("a = 1\nb = 2\nc = 3\n[t]\nx = 1\ny = [1]\n");
        let after = table("a = 1\nb = 5\nd = 4\n[t]\nx = 1\ny = [1, 2]\n");
        let patch = Patch::between(&before, &after);
        let mut same = before.clone();
        patch.apply(&mut same);
        assert_eq!(same, after);
        let mut other = table("a = 9\nc = 7\nz = 1\n[t]\nx = 8\n");
        patch.apply(&mut other);
        let expected = table("a = 9\nb = 5\nd = 4\nz = 1\n[t]\nx = 8\ny = [1, 2]\n");
        assert_eq!(other, expected);
        let mut nothing = Table::new();
        patch.apply(&mut nothing);
        assert_eq!(nothing, table("b = 5\nd = 4\n[t]\ny = [1, 2]\n"));
    }

    #[test]
    fn a_key_that_is_no_table_any_more_is_left_alone() {
        let patch = Patch::between(&table("[t]\nx = 1\n"), &table("[t]\nx = 2\n"));
        let mut other = table("t = 3\n");
        patch.apply(&mut other);
        assert_eq!(other, table("t = 3\n"));
        assert_eq!(Patch::between(&other, &other), Patch::default());
    }
}
