//! What the forms of a budget line say, read whole: either what they mean, or every sentence that refuses them.

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{BudgetLine, ScheduleKind, Scheduled};
use super::sums::Asked;
use crate::arbitrages::model::{Arbitrage, Condition, State, Subject};
use crate::kernel::ids::Code;
use crate::kernel::money::{self, Amount};

/// Longest text of a decision or of a source, in characters; the forms' `maxlength` shares it.
pub const TEXT_MAX: usize = 2_000;
/// Longest name of a body or of a source.
pub const NAME_MAX: usize = 120;
/// Who decides, unless the form says otherwise.
pub const DECIDES: &str = "Directoire";

/// A decision as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct DecisionTyped {
    pub state: String,
    pub granted: String,
    pub session_on: String,
    pub decided_by: String,
    pub wording: String,
    pub set_aside: String,
    pub funding: String,
    pub condition: String,
    pub reason: String,
    /// The rank that its author expects it to take: another one is there when someone decided in between.
    pub rank: String,
}

/// Why a decision is refused, field by field; empty where nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct DecisionRefused {
    pub state: String,
    pub granted: String,
    pub session_on: String,
    pub decided_by: String,
    pub wording: String,
    pub set_aside: String,
    pub funding: String,
    pub condition: String,
    pub reason: String,
}

/// The rank that the next decision on a line takes: 0 is the signed document's, whether it says something or not.
pub fn next_rank(asked: &Asked) -> i32 {
    asked.decision().map_or(1, |decision| decision.rank + 1)
}

/// A text as a document accepts it again: line ends are one character, nothing else is a control character.
fn text(typed: &str, max: usize) -> Result<Option<String>, String> {
    let text = typed.replace("\r\n", "\n").replace('\r', "\n");
    let text = text.trim();
    if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
        return Err("Ce texte contient un caractère qui ne peut pas être conservé : retapez-le.".into());
    }
    if text.chars().nth(max).is_some() {
        return Err(format!("Ce texte dépasse {max} caractères."));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Euros of this form: a plain positive amount, or nothing.
fn euros(typed: &str) -> Result<Option<rust_decimal::Decimal>, String> {
    match money::parse(typed) {
        Ok(None) => Ok(None),
        Ok(Some(Amount::Euros(euros))) if euros.is_sign_negative() && !euros.is_zero() => {
            Err("Un montant ne peut pas être négatif.".into())
        }
        Ok(Some(Amount::Euros(euros))) => Ok(Some(euros.abs())),
        Ok(Some(Amount::Memo)) => Err("Un montant en euros est attendu ici, par exemple 389 280.".into()),
        Err(error) => Err(error.to_string()),
    }
}

fn past_day(typed: &str, today: NaiveDate, what: &str) -> Result<NaiveDate, String> {
    match typed.trim().parse::<NaiveDate>() {
        Ok(day) if day > today => Err(format!("{what} ne peut pas être à venir.")),
        Ok(day) if day < NaiveDate::from_ymd_opt(1990, 1, 1).unwrap_or(day) => {
            Err(format!("{what} est trop ancienne."))
        }
        Ok(day) => Ok(day),
        Err(_) => Err(format!("{what} est obligatoire, par exemple 2025-03-14.")),
    }
}

/// Takes a value out of a result, keeping its refusal at its place.
fn kept<T>(read: Result<T, String>, refusal: &mut String) -> Option<T> {
    match read {
        Ok(value) => Some(value),
        Err(sentence) => {
            *refusal = sentence;
            None
        }
    }
}

/// Reads a decision on a line: it is dated, and a grant goes with a favourable one (docs/regles.md §6).
///
/// # Errors
/// Every sentence, at its field.
pub fn read_decision(
    typed: &DecisionTyped,
    asked: &Asked,
    conditions: &[Condition],
    today: NaiveDate,
) -> Result<Arbitrage, Box<DecisionRefused>> {
    let mut refused = DecisionRefused::default();
    let state =
        kept(State::from_word(&typed.state).ok_or_else(|| "Choisissez ce qui est décidé.".into()), &mut refused.state);
    let session_on = kept(past_day(&typed.session_on, today, "La date de la séance"), &mut refused.session_on);
    let granted = kept(euros(&typed.granted), &mut refused.granted).flatten();
    let decided_by = kept(
        text(&typed.decided_by, NAME_MAX)
            .and_then(|body| body.ok_or_else(|| "Dites quelle instance décide, par exemple Directoire.".into())),
        &mut refused.decided_by,
    );
    let wording = kept(text(&typed.wording, TEXT_MAX), &mut refused.wording).flatten();
    let set_aside = kept(text(&typed.set_aside, TEXT_MAX), &mut refused.set_aside).flatten();
    let funding = kept(text(&typed.funding, NAME_MAX), &mut refused.funding).flatten();
    let reason = kept(text(&typed.reason, TEXT_MAX), &mut refused.reason).flatten();
    let condition = match typed.condition.trim() {
        "" => None,
        code => {
            let known = conditions.iter().find(|it| it.code.as_str() == code).map(|it| it.code.clone());
            kept(known.ok_or_else(|| "Cette condition n’existe pas dans le contrat.".into()), &mut refused.condition)
        }
    };
    if granted.is_some() && state.is_some_and(|state| !state.is_favourable()) {
        refused.granted = "Un montant accordé va avec une décision favorable.".into();
    }
    if state == Some(State::Partly) && set_aside.is_none() && refused.set_aside.is_empty() {
        refused.set_aside = "Dites quelle part est écartée.".into();
    }
    if state == Some(State::Conditional) && condition.is_none() && wording.is_none() && refused.condition.is_empty() {
        refused.condition = "Choisissez la condition, ou écrivez-la dans la formule.".into();
    }
    match (state, session_on, decided_by) {
        (Some(state), Some(session_on), Some(decided_by)) if refused == DecisionRefused::default() => Ok(Arbitrage {
            subject: Subject::BudgetLine,
            code: asked.line.code.clone(),
            rank: next_rank(asked),
            state,
            wording,
            set_aside,
            funding,
            condition,
            granted,
            granted_printed_keur: None,
            decided_by: Some(decided_by),
            session_on: Some(session_on),
            reason,
        }),
        _ => Err(Box::new(refused)),
    }
}

/// A scheduled amount as typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct ScheduleTyped {
    pub year: String,
    pub kind: String,
    pub amount: String,
    pub source: String,
    pub dated_on: String,
    /// The line's version that its author had under their eyes.
    pub version: String,
}

/// Why a scheduled amount is refused, field by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct ScheduleRefused {
    pub year: String,
    pub kind: String,
    pub amount: String,
    pub source: String,
    pub dated_on: String,
}

/// Reads a scheduled amount and puts it in the line: one a year and kind, an empty amount takes it away.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_schedule(
    typed: &ScheduleTyped,
    line: &BudgetLine,
    years: std::ops::RangeInclusive<i32>,
    today: NaiveDate,
) -> Result<BudgetLine, ScheduleRefused> {
    let mut refused = ScheduleRefused::default();
    let year = kept(
        typed
            .year
            .trim()
            .parse()
            .ok()
            .filter(|year| years.contains(year))
            .ok_or_else(|| format!("Choisissez une année du contrat, de {} à {}.", years.start(), years.end())),
        &mut refused.year,
    );
    let kind = kept(
        ScheduleKind::from_word(&typed.kind).ok_or_else(|| "Choisissez accordé, ouvert ou exécuté.".into()),
        &mut refused.kind,
    );
    let amount = kept(euros(&typed.amount), &mut refused.amount);
    let (Some(year), Some(kind), Some(amount)) = (year, kind, amount) else { return Err(refused) };
    let place = |it: &Scheduled| it.year == year && it.kind == kind;
    let mut after = line.clone();
    let Some(amount) = amount else {
        if !line.schedule.iter().any(place) {
            refused.amount = "Un montant en euros est attendu, par exemple 95 000.".into();
            return Err(refused);
        }
        after.schedule.retain(|it| !place(it));
        return Ok(after);
    };
    let source = kept(
        text(&typed.source, NAME_MAX)
            .and_then(|source| source.ok_or_else(|| "Dites d’où vient ce montant, par exemple Budget initial.".into())),
        &mut refused.source,
    );
    let dated_on = kept(past_day(&typed.dated_on, today, "La date de la source"), &mut refused.dated_on);
    let (Some(source), Some(dated_on)) = (source, dated_on) else { return Err(refused) };
    after.schedule.retain(|it| !place(it));
    after.schedule.push(Scheduled { year, kind, amount, source, dated_on, provenance: None });
    after.sort();
    Ok(after)
}

/// A line of a plan by its code.
pub fn find<'a>(lines: &'a [Asked], code: &str) -> Option<&'a Asked> {
    let code = Code::new(code)?;
    lines.iter().find(|asked| asked.line.code == code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::sums::tests::annexe;

    const TODAY: NaiveDate = NaiveDate::from_ymd_opt(2025, 9, 12).unwrap();

    fn typed(state: &str, granted: &str, session_on: &str) -> DecisionTyped {
        DecisionTyped {
            state: state.into(),
            granted: granted.into(),
            session_on: session_on.into(),
            decided_by: DECIDES.into(),
            ..DecisionTyped::default()
        }
    }

    #[test]
    fn an_exact_grant_comes_with_a_dated_favourable_decision() {
        let lines = annexe();
        let read = |typed| read_decision(&typed, &lines[0], &[], TODAY);
        let decision = read(typed("favorable", "389 280 €", "2025-09-10")).unwrap();
        assert_eq!((decision.rank, decision.granted), (1, Some(389_280.into())));
        assert_eq!(decision.granted_printed_keur, None, "what was printed stays with what printed it");
        assert!(read(typed("favorable", "390 k€", "2025-09-10")).unwrap_err().granted.contains("390 000"));
        assert!(!read(typed("favorable", "389280", "")).unwrap_err().session_on.is_empty());
        assert!(read(typed("favorable", "389280", "2025-09-13")).unwrap_err().session_on.contains("à venir"));
        assert!(read(typed("defavorable", "1", "2025-09-10")).unwrap_err().granted.contains("favorable"));
        assert!(!read(typed("favorable_en_partie", "1", "2025-09-10")).unwrap_err().set_aside.is_empty());
        assert!(!read(typed("favorable_sous_condition", "", "2025-09-10")).unwrap_err().condition.is_empty());
    }

    #[test]
    fn an_empty_form_is_refused_everywhere_at_once() {
        let lines = annexe();
        let refused = read_decision(&DecisionTyped::default(), &lines[0], &[], TODAY).unwrap_err();
        assert!(!refused.state.is_empty() && !refused.session_on.is_empty() && !refused.decided_by.is_empty());
        let refused = read_schedule(&ScheduleTyped::default(), &lines[0].line, 2021..=2026, TODAY).unwrap_err();
        assert!(!refused.year.is_empty() && !refused.kind.is_empty());
    }

    #[test]
    fn a_schedule_has_one_amount_a_year_and_kind() {
        let line = annexe().remove(0).line;
        let typed = |amount: &str| ScheduleTyped {
            year: "2024".into(),
            kind: "ouvert".into(),
            amount: amount.into(),
            source: "Budget initial".into(),
            dated_on: "2024-01-15".into(),
            version: "1".into(),
        };
        let once = read_schedule(&typed("95 000"), &line, 2021..=2026, TODAY).unwrap();
        let twice = read_schedule(&typed("96 000,50"), &once, 2021..=2026, TODAY).unwrap();
        assert_eq!(twice.schedule.len(), 1);
        assert_eq!(twice.scheduled_total(ScheduleKind::Opened).unwrap().to_string(), "96000.5");
        assert_eq!(read_schedule(&typed(""), &twice, 2021..=2026, TODAY).unwrap().schedule, []);
        assert!(!read_schedule(&typed(""), &line, 2021..=2026, TODAY).unwrap_err().amount.is_empty());
        assert!(!read_schedule(&typed("-5"), &line, 2021..=2026, TODAY).unwrap_err().amount.is_empty());
        assert!(!read_schedule(&typed("5"), &line, 2021..=2023, TODAY).unwrap_err().year.is_empty());
    }
}
