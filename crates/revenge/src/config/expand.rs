//! `${NAME}` and `${NAME:default}` in a value.

/// Looks a variable up.
pub type Lookup<'a> = dyn Fn(&str) -> Result<Option<String>, String> + 'a;

/// `text` with every variable in its place. The error names the variable that is set nowhere.
///
/// A default reaches to the closing brace and may be empty. A `$` that begins no variable stands for itself.
pub fn expand(text: &str, lookup: &Lookup) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        expanded.push_str(&rest[..start]);
        let after = &rest[start + 2..];
        let end = after
            .find('}')
            .ok_or_else(|| format!("\"{}\" has no closing brace", &rest[start..]))?;
        let (name, default) = match after[..end].split_once(':') {
            Some((name, default)) => (name, Some(default)),
            None => (&after[..end], None),
        };
        if name.is_empty() || !name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_') {
            return Err(format!("\"{name}\" is no name of a variable"));
        }
        match lookup(name)?.or_else(|| default.map(str::to_owned)) {
            Some(value) => expanded.push_str(&value),
            None => {
                return Err(format!(
                    "the environment variable {name} is not set and has no default"
                ));
            }
        }
        rest = &after[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expect: Result<&str, &str>) {
        let lookup = |name: &str| Ok((name == "HOST").then(|| "db".to_owned()));
        let found = expand(text, &lookup);
        assert_eq!(found.as_deref().map_err(String::as_str), expect, "{text}");
    }

    #[test]
    fn variables_are_replaced_anywhere() {
        check("plain", Ok("plain"));
        check("${HOST}", Ok("db"));
        check("${HOST:other}", Ok("db"));
        check("${NONE:other}", Ok("other"));
        check("${NONE:}", Ok(""));
        check("a ${HOST} b ${NONE:c:d} e", Ok("a db b c:d e"));
        check("100$ and $HOST", Ok("100$ and $HOST"));
        check("${NONE}", Err("the environment variable NONE is not set and has no default"));
        check("${HOST", Err("\"${HOST\" has no closing brace"));
        check("${a b}", Err("\"a b\" is no name of a variable"));
    }
}
