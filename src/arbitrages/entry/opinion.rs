//! An avis, as typed.

use chrono::NaiveDate;
use serde::Deserialize;

use super::Matter;
use crate::arbitrages::opinion::{Author, Opinion};
use crate::kernel::typed::required;

/// Longest avis, in characters; the form's `maxlength` shares it.
pub const OPINION_MAX: usize = 4_000;

/// As typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct OpinionTyped {
    pub text: String,
}

/// The next avis on a matter, given today, after those already given.
///
/// # Errors
/// The sentence that refuses it.
pub fn read_opinion(
    typed: &OpinionTyped,
    matter: &Matter<'_>,
    author: Author,
    given: &[Opinion],
    today: NaiveDate,
) -> Result<Opinion, String> {
    let text = required(&typed.text, OPINION_MAX, "Écrivez l’avis avant de l’enregistrer.")?;
    let rank = given.last().map_or(1, |last| last.rank + 1);
    Ok(Opinion { subject: matter.subject, code: matter.code.clone(), rank, author, dated_on: today, text })
}
