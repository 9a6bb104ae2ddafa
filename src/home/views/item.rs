//! What waits for someone, in one sentence and one button: every section of Accueil is a list of these.

/// Something to do, or nothing to do, said.
#[derive(Debug, Default)]
pub struct Item {
    pub(super) class: &'static str,
    pub(super) count: usize,
    pub(super) heading: String,
    pub(super) quote: Option<String>,
    pub(super) sentence: String,
    pub(super) bar: Option<(usize, String)>,
    pub(super) action: Option<Action>,
}

/// The one button of an item.
#[derive(Debug)]
pub struct Action {
    pub(super) href: String,
    pub(super) label: &'static str,
    /// Something else comes first.
    pub(super) secondary: bool,
    /// The rest of the sentence, for those who hear buttons out of their context.
    pub(super) rest: String,
}

pub(super) fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count > 1 { many } else { one }
}

/// « 5, 8 et 12 ».
pub(super) fn listed(codes: &[&str]) -> String {
    match codes.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} et {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => String::new(),
    }
}
