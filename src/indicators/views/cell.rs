//! The form of one cell, in the grid of Saisie and on the Fiche: what it shows, what comes back refused or in conflict.

use chrono::{DateTime, Utc};

use crate::indicators::entry::{At, Back, Fields, Posted, Refusal};
use crate::indicators::model::COMMENT_MAX;
use crate::indicators::sheet::Line;
use crate::indicators::shown;
use crate::indicators::store::KeptCell;
use crate::kernel::date;

/// Two people, one cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conflict {
    /// What this person typed.
    pub mine: String,
    /// What is there now.
    pub theirs: String,
    /// By whom.
    pub who: String,
    /// When, for machines.
    pub iso: String,
    /// When.
    pub when: String,
    /// What both had started from.
    pub original: String,
}

/// The fields of one cell, ready to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellForm {
    /// `13.a/2023-2024`, in the names of the fields.
    pub key: String,
    /// `13.a, 2023-2024`, in sentences.
    pub name: String,
    /// Code of the measure.
    pub measure: String,
    /// The period.
    pub period: String,
    /// Entered as numerator and denominator.
    pub is_quotient: bool,
    /// What stands in the fields: what is kept, or what was typed and came back.
    pub fields: Fields,
    /// The version that this form shows.
    pub version: i32,
    /// The answer as shown at first.
    pub was: String,
    /// The comment as shown at first.
    pub was_comment: String,
    /// The kept rate, beside its two numbers.
    pub quotient: String,
    /// Why it was typed, when that came back.
    pub reason: String,
    /// Why it came back refused.
    pub refusal: Option<Refusal>,
    /// Why it came back in conflict.
    pub conflict: Option<Conflict>,
}

/// What was answered, in words, with its comment when it is part of a disagreement.
fn told(answer: &str, comment: &str) -> String {
    let answer = if answer.is_empty() { "vide" } else { answer };
    if comment.is_empty() { answer.to_owned() } else { format!("{answer} — « {comment} »") }
}

impl CellForm {
    /// The form of a cell as it is kept.
    pub fn kept(line: &Line, kept: &KeptCell) -> Self {
        let fields = Fields::of(&kept.cell, line.measure.is_quotient);
        Self {
            key: format!("{}/{}", line.measure.code, kept.cell.period),
            name: format!("{}, {}", line.measure.code, kept.cell.period),
            measure: line.measure.code.to_string(),
            period: kept.cell.period.to_string(),
            is_quotient: line.measure.is_quotient,
            version: kept.version,
            was: fields.answer(),
            was_comment: fields.comment.clone(),
            quotient: kept
                .cell
                .value
                .filter(|_| line.measure.is_quotient)
                .map(|value| shown::value(value, line.measure.unit_kind))
                .unwrap_or_default(),
            fields,
            reason: String::new(),
            refusal: None,
            conflict: None,
        }
    }

    /// The same with what was typed, and why it came back.
    pub fn back(line: &Line, kept: &KeptCell, posted: Posted, back: Back) -> Self {
        let now = Self::kept(line, kept);
        let comments_differ = posted.fields.comment != now.fields.comment;
        let told = |answer: &str, comment: &str| told(answer, if comments_differ { comment } else { "" });
        let (refusal, conflict) = match back {
            Back::Refused(refusal) => (Some(refusal), None),
            Back::Conflict => {
                let (at, who) = kept.changed.clone().unwrap_or((DateTime::<Utc>::MIN_UTC, String::new()));
                let conflict = Conflict {
                    mine: told(&posted.fields.answer(), &posted.fields.comment),
                    theirs: told(&now.was, &now.was_comment),
                    who,
                    iso: date::machine(at),
                    when: date::time(at),
                    original: told(&posted.was, &posted.was_comment),
                };
                (None, Some(conflict))
            }
        };
        Self {
            // In conflict the form now knows their version: choosing « mine » writes over that one and no other.
            version: if conflict.is_some() { now.version } else { posted.version },
            was: posted.was,
            was_comment: posted.was_comment,
            fields: posted.fields,
            reason: posted.reason,
            refusal,
            conflict,
            ..now
        }
    }

    /// The refusal of one field, as a template asks it: `value`, `num`, `den` or `comment`.
    pub fn refused(&self, field: &str) -> Option<&str> {
        let at = match field {
            "value" => At::Value,
            "num" => At::Numerator,
            "den" => At::Denominator,
            _ => At::Comment,
        };
        let refusal = self.refusal.as_ref()?;
        // A refusal of the value stands at the first field of a quotient.
        let here = refusal.at == at || (refusal.at == At::Value && at == At::Numerator && self.is_quotient);
        here.then_some(refusal.sentence.as_str())
    }

    /// Where the list of errors of a page leads.
    pub fn first_field(&self) -> String {
        let field = match self.refusal.as_ref().map(|refusal| refusal.at) {
            None => "conflict-",
            Some(At::Comment) => "comment/",
            Some(At::Denominator) => "den/",
            Some(_) if self.is_quotient => "num/",
            Some(_) => "value/",
        };
        format!("{field}{}", self.key)
    }

    /// Longest comment, for the field and its counter.
    pub const fn comment_max(&self) -> usize {
        COMMENT_MAX
    }

    /// Whether the list shows this word as chosen.
    pub fn chosen(&self, status: &str) -> bool {
        self.fields.status == status || (status == "value" && !matches!(self.fields.status.as_str(), "NR" | "NA"))
    }
}
