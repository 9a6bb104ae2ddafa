//! What the forms of a budget line say, read whole: either what they mean, or every sentence that refuses them.

use chrono::NaiveDate;
use serde::Deserialize;

use super::model::{BudgetLine, ScheduleKind, Scheduled};
use super::sums::Asked;
use crate::kernel::ids::Code;
use crate::kernel::typed::{euros, kept, past_day, required};

/// Longest name of a source, in characters; the form's `maxlength` shares it.
pub const NAME_MAX: usize = 120;

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
        required(&typed.source, NAME_MAX, "Dites d’où vient ce montant, par exemple Budget initial."),
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

    #[test]
    fn an_empty_form_is_refused_everywhere_at_once() {
        let lines = annexe();
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
