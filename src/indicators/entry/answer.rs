//! The cell that posted fields describe: a figure, a quotient, NR or NA; or why they do not read.

use rust_decimal::Decimal;

use super::{At, Fields, Posted, Refusal};
use crate::indicators::model::{COMMENT_MAX, Cell, Measure, parts};
use crate::kernel::figure::{self, Answer};

/// The cell that the fields describe.
pub(super) fn read(posted: &Posted, measure: &Measure, kept: &Cell) -> Result<Cell, Refusal> {
    let fields = &posted.fields;
    if fields.comment.chars().count() > COMMENT_MAX {
        return refused(At::Comment, format!("Le commentaire dépasse {COMMENT_MAX} caractères."));
    }
    if fields.comment.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return refused(At::Comment, "Le commentaire contient un caractère qui ne peut pas être conservé.");
    }
    let comment = Some(fields.comment.clone()).filter(|comment| !comment.is_empty());
    if !posted.answer_changed() {
        return Ok(Cell { comment, ..kept.clone() });
    }
    let (answer, quotient) =
        if measure.is_quotient { read_quotient(fields, posted)? } else { (read_value(fields, posted)?, None) };
    let (status, value) = answer.map_or((None, None), |answer| {
        let (status, value) = parts(answer);
        (Some(status), value)
    });
    let mut cell = Cell {
        status,
        value,
        numerator: quotient.map(|(numerator, _)| numerator),
        denominator: quotient.map(|(_, denominator)| denominator),
        comment,
        ..kept.clone()
    };
    // An entry of one's own is no invented figure any more; the same figure typed again changes nothing.
    if (cell.status, cell.value, cell.numerator) != (kept.status, kept.value, kept.numerator) {
        cell.provenance = None;
    }
    Ok(cell)
}

/// The word chosen in the list, when it is one that answers.
fn word(fields: &Fields) -> Option<Answer> {
    match fields.status.as_str() {
        "NR" => Some(Answer::NotProvided),
        "NA" => Some(Answer::NotApplicable),
        _ => None,
    }
}

/// NR or NA chosen while a figure stands in the field: the figure may be what was there before (then the word wins),
/// typed over an NR that was there (then the figure wins), or a contradiction.
fn settle(word: &str, typed: &str, was: &str) -> Option<bool> {
    if typed.is_empty() || typed == was {
        Some(true)
    } else if was == word {
        Some(false)
    } else {
        None
    }
}

fn contradiction<T>(at: At, word: &str, typed: &str) -> Result<T, Refusal> {
    refused(at, format!("Vous avez choisi {word} et écrit « {typed} » : gardez l’un des deux."))
}

fn read_value(fields: &Fields, posted: &Posted) -> Result<Option<Answer>, Refusal> {
    if let Some(answer) = word(fields) {
        match settle(&fields.status, &fields.value, &posted.was) {
            Some(true) => return Ok(Some(answer)),
            Some(false) => {}
            None => return contradiction(At::Value, &fields.status, &fields.value),
        }
    }
    figure::parse(&fields.value).or_else(|error| refused(At::Value, error.to_string()))
}

type Quotient = Option<(Decimal, Decimal)>;

fn read_quotient(fields: &Fields, posted: &Posted) -> Result<(Option<Answer>, Quotient), Refusal> {
    let typed = if fields.numerator.is_empty() && fields.denominator.is_empty() {
        String::new()
    } else {
        format!("{}/{}", fields.numerator, fields.denominator)
    };
    if let Some(answer) = word(fields) {
        match settle(&fields.status, &typed, &posted.was) {
            Some(true) => return Ok((Some(answer), None)),
            Some(false) => {}
            None => return contradiction(At::Numerator, &fields.status, &typed),
        }
    }
    // NR typed where the number goes says NR.
    for text in [&fields.numerator, &fields.denominator] {
        if let Ok(Some(answer @ (Answer::NotProvided | Answer::NotApplicable))) = figure::parse(text) {
            return Ok((Some(answer), None));
        }
    }
    let numerator =
        figure::parse_number(&fields.numerator).or_else(|error| refused(At::Numerator, error.to_string()))?;
    let denominator =
        figure::parse_number(&fields.denominator).or_else(|error| refused(At::Denominator, error.to_string()))?;
    match (numerator, denominator) {
        (None, None) => Ok((None, None)),
        (Some(_), None) => refused(At::Denominator, "Le dénominateur manque : le taux est leur rapport."),
        (None, Some(_)) => refused(At::Numerator, "Le numérateur manque : le taux est leur rapport."),
        (Some(numerator), Some(denominator)) => {
            let at = |error| match error {
                figure::RateError::Numerator => At::Numerator,
                _ => At::Denominator,
            };
            match figure::rate(numerator, denominator) {
                Ok(rate) => Ok((Some(Answer::Value(rate)), Some((numerator, denominator)))),
                Err(error) => refused(at(error), error.to_string()),
            }
        }
    }
}

fn refused<T>(at: At, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { at, sentence: sentence.into() })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{empty, measure, posting, saved, with};
    use super::super::{Decision, decide};
    use super::*;
    use crate::indicators::model::Status;
    use rstest::rstest;

    #[rstest]
    #[case("418", Status::Value, Some(418))]
    #[case("0", Status::Value, Some(0))]
    #[case("NR", Status::NotProvided, None)]
    #[case("s.o.", Status::NotApplicable, None)]
    fn what_is_typed_is_saved(#[case] typed: &str, #[case] status: Status, #[case] value: Option<i64>) {
        let posted = posting(&empty(), 0, false, |fields| fields.value = typed.into());
        let cell = saved(decide(&posted, &measure(false), &empty(), 0));
        assert_eq!((cell.status, cell.value), (Some(status), value.map(Decimal::from)));
    }

    #[test]
    fn a_word_chosen_over_the_figure_that_was_there_wins() {
        let kept = with(Status::Value, Some(9));
        let posted = posting(&kept, 1, false, |fields| fields.status = "NR".into());
        assert_eq!(saved(decide(&posted, &measure(false), &kept, 1)).status, Some(Status::NotProvided));
    }

    #[test]
    fn a_figure_typed_over_an_nr_wins() {
        let kept = with(Status::NotProvided, None);
        let posted = posting(&kept, 1, false, |fields| fields.value = "12".into());
        assert_eq!(saved(decide(&posted, &measure(false), &kept, 1)).value, Some(Decimal::from(12)));
    }

    #[test]
    fn a_word_and_a_new_figure_contradict_each_other() {
        let kept = with(Status::Value, Some(9));
        let posted = posting(&kept, 1, false, |fields| {
            fields.status = "NA".into();
            fields.value = "12".into();
        });
        let decision = decide(&posted, &measure(false), &kept, 1);
        assert!(matches!(decision, Decision::Refused(refusal) if refusal.sentence.contains("« 12 »")));
    }

    #[test]
    fn an_emptied_cell_is_saved_empty() {
        let kept = with(Status::Value, Some(9));
        let posted = posting(&kept, 1, false, |fields| fields.value.clear());
        let cell = saved(decide(&posted, &measure(false), &kept, 1));
        assert!(cell.is_blank());
    }

    #[test]
    fn a_rate_is_its_quotient() {
        let posted = posting(&empty(), 0, true, |fields| {
            fields.numerator = "398".into();
            fields.denominator = "1 250".into();
        });
        let cell = saved(decide(&posted, &measure(true), &empty(), 0));
        assert_eq!(cell.value, Some("31.84".parse().unwrap()));
    }

    #[rstest]
    #[case("398", "", At::Denominator)]
    #[case("", "1250", At::Numerator)]
    #[case("398", "0", At::Denominator)]
    #[case("-3", "1250", At::Numerator)]
    #[case("49 (37%)", "1250", At::Numerator)]
    fn half_a_rate_is_refused_at_its_field(#[case] numerator: &str, #[case] denominator: &str, #[case] at: At) {
        let posted = posting(&empty(), 0, true, |fields| {
            fields.numerator = numerator.into();
            fields.denominator = denominator.into();
        });
        let decision = decide(&posted, &measure(true), &empty(), 0);
        assert!(matches!(decision, Decision::Refused(refusal) if refusal.at == at));
    }

    #[test]
    fn a_comment_alone_keeps_a_rate_printed_without_its_parts() {
        let kept = Cell { value: Some("29.4".parse().unwrap()), ..with(Status::Value, Some(0)) };
        let posted = posting(&kept, 1, true, |fields| fields.comment = "lu au contrat".into());
        let cell = saved(decide(&posted, &measure(true), &kept, 1));
        assert_eq!((cell.value, cell.comment.as_deref()), (kept.value, Some("lu au contrat")));
    }

    #[test]
    fn an_entry_loses_the_mark_of_an_invented_figure_and_keeps_what_was_printed() {
        let kept = Cell { provenance: Some("donnée fictive".into()), ..with(Status::Value, Some(9)) };
        let posted = posting(&kept, 1, false, |fields| fields.value = "10".into());
        assert_eq!(saved(decide(&posted, &measure(false), &kept, 1)).provenance, None);
    }
}
