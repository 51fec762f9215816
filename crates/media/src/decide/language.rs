//! Comparing languages as people mean them.

/// The place of a language among those that a person likes, the exact one before one of another region or script;
/// `None` where it is not among them.
pub(super) fn rank(languages: &[String], language: Option<&str>) -> Option<usize> {
    let language = language?;
    let at = languages.iter().position(|it| is_same(it, language))?;
    Some(2 * at + usize::from(!languages[at].eq_ignore_ascii_case(language)))
}

/// Whether two are one language; region and script do not matter.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    primary(one).eq_ignore_ascii_case(primary(other))
}

fn primary(language: &str) -> &str {
    language.split('-').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exact_language_goes_before_one_of_another_region() {
        let languages = ["pt-BR".to_owned(), "en".to_owned()];
        assert_eq!(rank(&languages, Some("pt-br")), Some(0));
        assert_eq!(rank(&languages, Some("pt-PT")), Some(1));
        assert_eq!(rank(&languages, Some("en")), Some(2));
        assert_eq!(rank(&languages, Some("fr")), None);
        assert_eq!(rank(&languages, None), None);
    }
}
