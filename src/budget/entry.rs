//! What the forms of a budget line say, read whole: either what they mean, or every sentence that refuses them.

use std::ops::RangeInclusive;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::Deserialize;

use super::model::{BudgetLine, Nature, ScheduleKind, Scheduled, YearAmount};
use super::sums::Asked;
use crate::arbitrages::amendment::MoneyAsked;
use crate::arbitrages::entry::read_reason;
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::typed::{euros, kept, past_day, required, text};
use crate::plans::model::Node;

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

/// Longest label, category or service, in characters; the forms' `maxlength` share it.
pub const LABEL_MAX: usize = 300;

/// Money as typed: a demand, new or amended, or what finance says it costs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct MoneyTyped {
    pub label: String,
    pub category: String,
    pub nature: String,
    pub node: Vec<String>,
    /// Years chosen.
    pub year: Vec<String>,
    pub cost: String,
    pub participation: String,
    pub participation_of: String,
    /// Self-financing of each year of the contract, in order.
    pub own: Vec<String>,
    pub reason: String,
    /// The rank that its author expects the step to take.
    pub rank: String,
}

/// Why it is refused, field by field; empty where nothing is wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "each field is the form's own")]
pub struct MoneyRefused {
    pub label: String,
    pub category: String,
    pub nature: String,
    pub node: String,
    pub year: String,
    pub cost: String,
    pub participation: String,
    pub participation_of: String,
    pub own: String,
    pub reason: String,
}

impl MoneyTyped {
    /// What a form shows of what is asked, over the years of the contract.
    pub fn of(asked: &MoneyAsked, years: RangeInclusive<i32>) -> Self {
        let euros = |amount: Option<Decimal>| amount.map(figure::for_input).unwrap_or_default();
        let own = |year| asked.self_financing.iter().find(|it| it.year == year).map(|it| it.amount);
        Self {
            label: asked.label.clone(),
            year: asked.years.iter().map(i32::to_string).collect(),
            cost: euros(asked.cost),
            participation: euros(asked.participation),
            participation_of: asked.participation_of.clone().unwrap_or_default(),
            own: years.map(|year| euros(own(year))).collect(),
            ..Self::default()
        }
    }
}

/// What is asked for and when.
fn read_subject(
    typed: &MoneyTyped,
    years: &RangeInclusive<i32>,
    refused: &mut MoneyRefused,
) -> (Option<String>, Option<Vec<i32>>) {
    let label = kept(required(&typed.label, LABEL_MAX, "Dites ce qui est demandé."), &mut refused.label);
    let read: Option<Vec<i32>> =
        typed.year.iter().map(|year| year.parse().ok().filter(|year| years.contains(year))).collect();
    let sentence = || format!("Les années sont celles du contrat, de {} à {}.", years.start(), years.end());
    let mut read = kept(read.ok_or_else(sentence), &mut refused.year);
    if let Some(read) = &mut read {
        read.sort_unstable();
        read.dedup();
    }
    (label, read)
}

/// What a line asks, or costs when `costed` says what it is asked for, and why that changes. A cost that is not its two
/// parts is a matter for the controls, which warn (docs/regles.md §7).
///
/// # Errors
/// Every sentence, at its field.
pub fn read_money(
    typed: &MoneyTyped,
    years: &RangeInclusive<i32>,
    costed: Option<&MoneyAsked>,
) -> Result<(MoneyAsked, String), Box<MoneyRefused>> {
    let mut refused = Box::<MoneyRefused>::default();
    let (label, chosen) = match costed {
        Some(asked) => (Some(asked.label.clone()), Some(asked.years.clone())),
        None => read_subject(typed, years, &mut refused),
    };
    let cost = kept(euros(&typed.cost), &mut refused.cost);
    let participation = kept(euros(&typed.participation), &mut refused.participation);
    let service = kept(text(&typed.participation_of, NAME_MAX), &mut refused.participation_of);
    let own: Result<Vec<Option<YearAmount>>, String> = years
        .clone()
        .zip(&typed.own)
        .map(|(year, typed)| {
            let amount = euros(typed).map_err(|sentence| format!("{year} : {sentence}"))?;
            Ok(amount.map(|amount| YearAmount { year, amount }))
        })
        .collect();
    let own = kept(own, &mut refused.own).map(|own| own.into_iter().flatten().collect());
    let reason = kept(read_reason(&typed.reason), &mut refused.reason);
    if costed.is_some() && cost == Some(None) {
        refused.cost = "Un chiffrage dit le coût, par exemple 389 280.".into();
        return Err(refused);
    }
    match (label, chosen, cost, participation, service, own, reason) {
        (
            Some(label),
            Some(years),
            Some(cost),
            Some(participation),
            Some(participation_of),
            Some(self_financing),
            Some(reason),
        ) => Ok((MoneyAsked { label, years, cost, participation, participation_of, self_financing }, reason)),
        _ => Err(refused),
    }
}

/// A new line, with the first free number after those of the contract.
///
/// # Errors
/// Every sentence, at its field.
pub fn read_new(
    typed: &MoneyTyped,
    years: &RangeInclusive<i32>,
    lines: &[Asked],
    nodes: &[Node],
) -> Result<(BudgetLine, String), Box<MoneyRefused>> {
    let read = read_money(typed, years, None);
    let mut refused = read.as_ref().err().cloned().unwrap_or_default();
    let category = required(&typed.category, LABEL_MAX, "Dites la catégorie, par exemple INFORMATIQUE.");
    let category = kept(category, &mut refused.category);
    let nature = Nature::from_word(&typed.nature).ok_or_else(|| "Choisissez fonctionnement ou investissement.".into());
    let nature = kept(nature, &mut refused.nature);
    let chosen: Vec<Code> = nodes
        .iter()
        .map(|it| &it.code)
        .filter(|it| typed.node.iter().any(|node| node == it.as_str()))
        .cloned()
        .collect();
    if chosen.len() != typed.node.iter().filter(|node| !node.is_empty()).count() {
        refused.node = "Ce contrat n’a pas l’un de ces objectifs.".into();
    }
    let taken = |code: &str| lines.iter().any(|it| it.line.code.as_str() == code);
    let code = Code::free(lines.len() + 1, lines.len(), |number| format!("B{number}"), taken);
    match (read, category, nature, code, refused.node.is_empty()) {
        (Ok((asked, reason)), Some(category), Some(nature), Some(code), true) => {
            let line = BudgetLine {
                code,
                objective_printed: None,
                objective_inherited: false,
                nodes: chosen,
                nature,
                category,
                subcategory: None,
                label: asked.label,
                site: None,
                years: asked.years,
                years_printed: None,
                cost: asked.cost,
                cost_printed: None,
                participation: asked.participation,
                participation_of: asked.participation_of,
                participation_printed: None,
                self_financing: asked.self_financing,
                self_financing_printed: None,
                schedule: Vec::new(),
                provenance: None,
            };
            Ok((line, reason))
        }
        _ => Err(refused),
    }
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

    fn money() -> MoneyTyped {
        MoneyTyped {
            label: "Plateau technique".into(),
            category: "PÉDAGOGIE".into(),
            nature: "investissement".into(),
            year: vec!["2025".into(), "2024".into(), "2025".into()],
            cost: "120 000".into(),
            participation: "20 000".into(),
            own: ["", "", "", "50 000", "50 000", ""].map(str::to_owned).into(),
            reason: "ouverture d’un parcours".into(),
            ..MoneyTyped::default()
        }
    }

    #[test]
    fn what_is_asked_reads_back_as_its_form_shows_it() {
        let (asked, reason) = read_money(&money(), &(2021..=2026), None).unwrap();
        assert_eq!(asked.years, [2024, 2025]);
        assert_eq!(asked.self_financing.iter().map(|it| it.year).collect::<Vec<_>>(), [2024, 2025]);
        let again = MoneyTyped { reason, ..MoneyTyped::of(&asked, 2021..=2026) };
        assert_eq!(read_money(&again, &(2021..=2026), None).unwrap().0, asked);
        let wrong = MoneyTyped { year: vec!["2030".into()], own: vec!["12 k€".into()], ..MoneyTyped::default() };
        let refused = read_money(&wrong, &(2021..=2026), None).unwrap_err();
        assert!(refused.year.contains("2021") && refused.own.starts_with("2021 :"), "{refused:?}");
        assert!(!refused.label.is_empty() && !refused.reason.is_empty() && refused.cost.is_empty());
    }

    #[test]
    fn a_costing_says_the_cost_of_what_is_asked() {
        let (asked, _) = read_money(&money(), &(2021..=2026), None).unwrap();
        let typed = MoneyTyped { label: "autre".into(), cost: "130 000".into(), ..money() };
        let (costed, _) = read_money(&typed, &(2021..=2026), Some(&asked)).unwrap();
        assert_eq!((costed.label.as_str(), costed.cost), ("Plateau technique", Some(130_000.into())));
        let unsaid = MoneyTyped { cost: String::new(), ..money() };
        assert!(!read_money(&unsaid, &(2021..=2026), Some(&asked)).unwrap_err().cost.is_empty());
    }

    #[test]
    fn a_new_line_takes_the_next_number() {
        let (line, _) = read_new(&money(), &(2021..=2026), &annexe(), &[]).unwrap();
        assert_eq!((line.code.as_str(), line.nature), ("B9", Nature::Investment));
        let lost = MoneyTyped { node: vec!["O9".into()], nature: "autre".into(), ..money() };
        let refused = read_new(&lost, &(2021..=2026), &annexe(), &[]).unwrap_err();
        assert!(!refused.node.is_empty() && !refused.nature.is_empty());
    }
}
