//! What a provider's word of somebody's groups means here. Pure.

use serde_json::Value;

use super::settings::{Create, ProviderSettings};

/// Groups of one person that are looked at.
const MAX_GROUPS: usize = 1000;

/// The libraries that rules give.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Libraries {
    /// All, also later ones.
    pub all: bool,
    /// By name where not all.
    pub names: Vec<String>,
}

impl ProviderSettings {
    /// The role that rules give to who is in `groups`; `None` where there are no rules.
    pub fn role_by_rule(&self, groups: &[String]) -> Option<&str> {
        if self.roles.is_empty() {
            return None;
        }
        let rule = self.roles.iter().find(|it| groups.contains(&it.group));
        Some(rule.map_or(&*self.role, |it| &*it.role))
    }

    /// The libraries that rules give to who is in `groups`; `None` where there are no rules.
    pub fn libraries_by_rule(&self, groups: &[String]) -> Option<Libraries> {
        if self.libraries.is_empty() {
            return None;
        }
        let mut given = Libraries::default();
        for name in self
            .libraries
            .iter()
            .filter(|it| groups.contains(&it.group))
            .flat_map(|it| &it.libraries)
        {
            if name == "*" {
                given.all = true;
            } else if !given.names.contains(name) {
                given.names.push(name.clone());
            }
        }
        Some(given)
    }

    /// Whether who is in `groups` gets an account by coming.
    pub fn makes_account(&self, groups: &[String]) -> bool {
        match self.create {
            Create::Never => false,
            Create::Always => true,
            Create::ByGroup => {
                let roles = self.roles.iter().map(|it| &it.group);
                roles.chain(self.libraries.iter().map(|it| &it.group)).any(|it| groups.contains(it))
            }
        }
    }
}

/// The groups that `claims` tell at `path`: a list of names, or one name. A name with dots is looked for as it is first.
pub fn groups_of(claims: &Value, path: &str) -> Vec<String> {
    let found = claims
        .get(path)
        .or_else(|| path.split('.').try_fold(claims, |value, key| value.as_object()?.get(key)));
    match found {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(many)) => {
            let names = many.iter().filter_map(Value::as_str).map(str::to_owned);
            names.take(MAX_GROUPS).collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn provider(more: Value) -> ProviderSettings {
        let mut value = json!({ "id": "home", "name": "Home", "issuer": "https://a.example", "client_id": "revenge" });
        if let (Some(all), Value::Object(more)) = (value.as_object_mut(), more) {
            all.extend(more);
        }
        serde_json::from_value(value).expect("settings")
    }

    fn groups(names: &[&str]) -> Vec<String> {
        names.iter().map(|it| (*it).to_owned()).collect()
    }

    #[test]
    fn the_first_role_that_fits_is_taken_and_without_rules_none_is_given() {
        let rules = json!({ "roles": [
            { "group": "chiefs", "role": "admin" }, { "group": "kids", "role": "child" },
        ], "role": "guest" });
        let provider_with = provider(rules);
        let check = |names: &[&str], expect: &str| {
            assert_eq!(provider_with.role_by_rule(&groups(names)), Some(expect), "{names:?}");
        };
        check(&["kids", "chiefs"], "admin");
        check(&["kids"], "child");
        check(&["Chiefs"], "guest");
        check(&[], "guest");
        assert_eq!(provider(json!({})).role_by_rule(&groups(&["chiefs"])), None);
    }

    #[test]
    fn all_libraries_that_fit_are_given() {
        let rules = json!({ "libraries": [
            { "group": "family", "libraries": ["Films", "Series"] },
            { "group": "kids", "libraries": ["Films", "Cartoons"] },
            { "group": "chiefs", "libraries": ["*"] },
        ] });
        let provider_with = provider(rules);
        let given =
            |names: &[&str]| provider_with.libraries_by_rule(&groups(names)).expect("rules");
        assert_eq!(given(&["kids", "family"]).names, ["Films", "Series", "Cartoons"]);
        assert_eq!(given(&["strangers"]), Libraries::default());
        assert!(given(&["chiefs"]).all);
        assert_eq!(provider(json!({})).libraries_by_rule(&groups(&["kids"])), None);
    }

    #[test]
    fn accounts_are_made_by_rule_only() {
        let by = |create: &str| {
            provider(
                json!({ "create": create, "roles": [{ "group": "family", "role": "member" }] }),
            )
        };
        assert!(!by("never").makes_account(&groups(&["family"])));
        assert!(by("always").makes_account(&[]));
        assert!(by("by_group").makes_account(&groups(&["family"])));
        assert!(!by("by_group").makes_account(&groups(&["strangers"])));
        assert_eq!(provider(json!({})).create, Create::Never);
    }

    #[test]
    fn groups_are_found_in_every_usual_form() {
        let check = |claims: Value, path: &str, expect: &[&str]| {
            assert_eq!(groups_of(&claims, path), groups(expect), "{claims} {path}");
        };
        check(json!({ "groups": ["a", "b"] }), "groups", &["a", "b"]);
        check(json!({ "groups": "a" }), "groups", &["a"]);
        check(json!({ "groups": [1, null, "a"] }), "groups", &["a"]);
        check(json!({ "groups": { "a": true } }), "groups", &[]);
        check(json!({ "realm_access": { "roles": ["a"] } }), "realm_access.roles", &["a"]);
        check(json!({ "https://x.org/groups": ["a"] }), "https://x.org/groups", &["a"]);
        check(json!({}), "groups", &[]);
    }
}
