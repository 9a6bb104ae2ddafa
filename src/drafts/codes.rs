//! Codes that the workshop proposes: the next free one.

use super::parts::Part;
use crate::document::model::{Document, Kind};

/// The next free code of a part, under something or not.
pub fn next_code(document: &Document, part: &Part, under: Option<&str>) -> String {
    let taken: Vec<String> = document
        .elements()
        .into_iter()
        .filter(|it| it.element.kind() == part.kind)
        .map(|it| it.element.code())
        .collect();
    let under = under.filter(|it| !it.is_empty());
    if part.kind == Kind::Measure
        && let Some(indicator) = under
    {
        let grouped = document.indicators.iter().any(|it| it.code.as_str() == indicator && it.is_group);
        return if grouped { lettered(indicator, &taken) } else { indicator.to_owned() };
    }
    if part.kind == Kind::Jalon
        && let Some(group) = under
    {
        return lettered(group, &taken);
    }
    let prefix = match (part.kind, under) {
        // D1 for a domaine, O1 for an objectif: the initial of the level's name.
        (Kind::Node, _) => {
            let above = document.nodes.iter().find(|it| Some(it.code.as_str()) == under).map_or(0, |it| it.level);
            let name = usize::try_from(above).ok().and_then(|above| document.plan.levels.get(above));
            name.and_then(|name| name.chars().next())
                .filter(char::is_ascii_alphabetic)
                .map_or_else(|| part.prefix.to_owned(), |initial| initial.to_ascii_uppercase().to_string())
        }
        // A1.3 under V1.
        (Kind::Action, Some(heading)) => {
            format!("{}{}.", part.prefix, heading.trim_start_matches(|c: char| !c.is_ascii_digit()))
        }
        _ => part.prefix.to_owned(),
    };
    let last = taken.iter().filter_map(|code| code.strip_prefix(&prefix)?.parse::<u32>().ok()).max();
    format!("{prefix}{}", last.map_or(1, |last| last.saturating_add(1)))
}

/// `13.c` after `13.a` and `13.b`.
fn lettered(of: &str, taken: &[String]) -> String {
    let free = ('a'..='z').map(|letter| format!("{of}.{letter}")).find(|code| !taken.contains(code));
    free.unwrap_or_else(|| format!("{of}.{}", taken.len() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_proposed_after_those_taken() {
        let document = Document::parse(include_bytes!("../../demo/contrat-signe.json")).unwrap();
        let next = |word: &str, under: Option<&str>| next_code(&document, Part::of_field(word).unwrap(), under);
        assert_eq!(next("jalons", None), "J22");
        assert_eq!(next("jalons", Some("J16")), "J16.d");
        assert_eq!(next("measures", Some("4")), "4");
        assert_eq!(next("nodes", Some("T1.1")), "O10");
        assert_eq!(next("indicators", None), "20");
        assert_eq!(next("budget", None), "B9");
    }
}
