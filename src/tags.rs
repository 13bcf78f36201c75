//! Tags and fields: words that people and other systems put on things, for rules to go by.

/// The most tags, and the most fields, of one thing.
const MOST: usize = 20;

/// How many characters a tag, the name of a field or its value has at most.
const LONGEST: usize = 60;

/// Tags as they are kept: small letters, without spaces around them, each once, in the order of the alphabet; or what is wrong with them.
pub fn clean_tags(tags: &[String]) -> Result<Vec<String>, String> {
    let mut clean: Vec<String> = tags.iter().map(|tag| clean_tag(tag)).collect::<Result<_, _>>()?;
    clean.sort();
    clean.dedup();
    if clean.len() > MOST { Err(format!("At most {MOST} tags can be kept.")) } else { Ok(clean) }
}

fn clean_tag(text: &str) -> Result<String, String> {
    let tag = text.trim().to_lowercase();
    let fits = !tag.is_empty() && tag.chars().count() <= LONGEST && tag.chars().all(|c| c.is_alphanumeric() || " -_.:".contains(c));
    if fits { Ok(tag) } else { Err(format!("A tag has letters, digits, spaces, hyphens, dots and colons, at most {LONGEST}.")) }
}

/// Fields as they are kept, each written as `name=value`, each name once, in the order of their names; or what is wrong with them.
pub fn clean_fields(fields: &[String]) -> Result<Vec<String>, String> {
    let one = |field: &String| {
        let (name, value) = field.split_once('=').map(|(name, value)| (name.trim(), value.trim())).unwrap_or_default();
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c));
        let fits = is_name && !value.is_empty() && name.len() <= LONGEST && value.chars().count() <= LONGEST && !value.chars().any(char::is_control);
        fits.then(|| format!("{name}={value}")).ok_or_else(|| {
            format!("A field is written as name=value: a name of letters, digits, dots, hyphens and underscores and a value, each at most {LONGEST} characters.")
        })
    };
    let mut clean: Vec<String> = fields.iter().map(one).collect::<Result<_, _>>()?;
    clean.sort();
    let name = |field: &str| field.split('=').next().map(str::to_owned);
    if clean.windows(2).any(|pair| name(&pair[0]) == name(&pair[1])) {
        return Err("Give each field one value.".to_owned());
    }
    if clean.len() > MOST { Err(format!("At most {MOST} fields can be kept.")) } else { Ok(clean) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|t| (*t).to_owned()).collect()
    }

    #[test]
    fn tags_are_small_letters_each_once() {
        assert_eq!(clean_tags(&of(&[" VIP ", "press", "vip"])).unwrap(), ["press", "vip"]);
        assert!(clean_tags(&of(&["a,b"])).is_err() && clean_tags(&of(&[" "])).is_err());
    }

    #[test]
    fn fields_have_a_name_and_a_value() {
        assert_eq!(clean_fields(&of(&["seller = 12", "b2b=yes"])).unwrap(), ["b2b=yes", "seller=12"]);
        assert!(clean_fields(&of(&["seller"])).is_err() && clean_fields(&of(&["=x"])).is_err() && clean_fields(&of(&["a=1", "a=2"])).is_err());
    }
}
