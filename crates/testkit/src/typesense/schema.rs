//! A collection's fields: what the published document allows of them, and whether a document fits.

use serde_json::Value;

use super::{Refusal, bad_request, vectors};

#[derive(Clone, Debug)]
pub(super) struct Schema {
    pub name: String,
    pub fields: Vec<Field>,
    pub default_sorting_field: String,
    /// As it was sent.
    pub source: Value,
}

#[derive(Clone, Debug)]
pub(super) struct Field {
    pub name: String,
    pub kind: String,
    pub is_optional: bool,
    pub is_facet: bool,
    pub is_sorted: bool,
    /// Of a vector.
    pub n_dimensions: Option<usize>,
}

/// What `CollectionSchema` has in Typesense 27.
const COLLECTION_KEYS: &[&str] = &[
    "name",
    "fields",
    "default_sorting_field",
    "token_separators",
    "enable_nested_fields",
    "symbols_to_index",
    "metadata",
];
/// What `Field` has in Typesense 27.
const FIELD_KEYS: &[&str] = &[
    "name",
    "type",
    "optional",
    "facet",
    "index",
    "locale",
    "sort",
    "infix",
    "num_dim",
    "store",
    "vec_dist",
    "range_index",
    "stem",
    "reference",
];
const KINDS: &[&str] = &[
    "string", "string[]", "int32", "int64", "float", "bool", "int32[]", "int64[]", "float[]",
    "bool[]",
];

impl Schema {
    pub fn parse(body: &Value) -> Result<Self, Refusal> {
        allow_only(body, COLLECTION_KEYS)?;
        let name = body["name"].as_str();
        let name = name.ok_or_else(|| bad_request("Parameter `name` is required."))?;
        let fields = body["fields"].as_array();
        let fields = fields.ok_or_else(|| bad_request("Parameter `fields` is required."))?;
        let fields = fields.iter().map(Field::parse).collect::<Result<Vec<_>, _>>()?;
        let sorting = body["default_sorting_field"].as_str().unwrap_or_default().to_owned();
        let can_sort = fields.iter().any(|it| it.name == sorting && it.is_sortable());
        if !sorting.is_empty() && !can_sort {
            return Err(bad_request(format!(
                "Default sorting field is defined as `{sorting}` but is not found in the schema."
            )));
        }
        Ok(Self {
            name: name.to_owned(),
            fields,
            default_sorting_field: sorting,
            source: body.clone(),
        })
    }

    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|it| it.name == name)
    }

    /// Says what is wrong with a document, in the words of Typesense.
    pub fn check(&self, document: &Value) -> Result<(), String> {
        if !document["id"].is_null() && !document["id"].is_string() {
            return Err("Document's `id` field should be a string.".into());
        }
        for field in &self.fields {
            let Field { name, kind, is_optional, .. } = field;
            match document.get(name) {
                None | Some(Value::Null) if *is_optional => {}
                None => {
                    return Err(format!(
                        "Field `{name}` has been declared in the schema, but is not found in the document."
                    ));
                }
                Some(value) if fits(value, kind) => vectors::check(field, value)?,
                Some(_) => {
                    let article = if kind.starts_with("int") { "an" } else { "a" };
                    let kind = kind.strip_suffix("[]").map_or_else(
                        || format!("{article} {kind}"),
                        |kind| format!("an array of {kind}"),
                    );
                    return Err(format!("Field `{name}` must be {kind}."));
                }
            }
        }
        Ok(())
    }
}

impl Field {
    fn parse(body: &Value) -> Result<Self, Refusal> {
        allow_only(body, FIELD_KEYS)?;
        let text = |key: &str| {
            let wrong = || {
                bad_request(
                    "Wrong format for `fields`. It should be an array of objects containing `name`, `type`, `optional` and `facet` properties.",
                )
            };
            body[key].as_str().map(str::to_owned).ok_or_else(wrong)
        };
        let (name, kind) = (text("name")?, text("type")?);
        if !KINDS.contains(&kind.as_str()) {
            return Err(bad_request(format!(
                "Field `{name}` has an invalid data type `{kind}`, see docs for supported data types."
            )));
        }
        let (is_optional, is_facet) = (body["optional"] == true, body["facet"] == true);
        let n_dimensions = body["num_dim"].as_u64().map(|it| it as usize);
        if n_dimensions.is_some() && kind != "float[]" {
            return Err(bad_request("Property `num_dim` is only allowed on a float array field."));
        }
        Ok(Self {
            name,
            kind,
            is_optional,
            is_facet,
            is_sorted: body["sort"] == true,
            n_dimensions,
        })
    }

    pub fn is_sortable(&self) -> bool {
        // Texts only where the schema says so.
        ["int32", "int64", "float", "bool"].contains(&self.kind.as_str())
            || self.kind == "string" && self.is_sorted
    }

    pub fn is_text(&self) -> bool {
        self.kind.starts_with("string")
    }
}

fn fits(value: &Value, kind: &str) -> bool {
    if let Some(kind) = kind.strip_suffix("[]") {
        return value.as_array().is_some_and(|it| it.iter().all(|it| fits(it, kind)));
    }
    match kind {
        "string" => value.is_string(),
        "int32" => value.as_i64().is_some_and(|it| i32::try_from(it).is_ok()),
        "int64" => value.is_i64(),
        "float" => value.is_number(),
        _ => value.is_boolean(),
    }
}

fn allow_only(body: &Value, keys: &[&str]) -> Result<(), Refusal> {
    let object = body.as_object().ok_or_else(|| bad_request("Bad JSON."))?;
    match object.keys().find(|it| !keys.contains(&it.as_str())) {
        Some(key) => Err(bad_request(format!("Unknown parameter `{key}`."))),
        None => Ok(()),
    }
}
