//! How a control turns out: an identity the figures should satisfy, printed, computed, the gap, the verdict, where the
//! document says it (docs/regles.md §7). It warns; it blocks nothing and rewrites nothing.

use rust_decimal::Decimal;

use super::model::{Mention, Term};
use crate::accounts::model::User;
use crate::kernel::ids::Code;
use crate::kernel::{figure, money};
use crate::reserves::marks;
use crate::reserves::model::{Subject, Touched, sees};
use crate::words;

words! {
    /// What a control is about: its group on the page, and its word in the URL.
    pub enum Family {
        /// Steps and votes.
        Adoption = "adoption",
        /// What the text says it lists.
        Text = "texte",
        /// Annexe 3.
        Budget = "budget",
        /// Posts.
        Posts = "postes",
        /// What the structure commits to and asks for.
        Commitments = "engagements",
        /// Indicators and measures.
        Indicators = "indicateurs",
        /// Jalons.
        Jalons = "jalons",
    }
}

impl Family {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Adoption => "Adoption et votes",
            Self::Text => "Texte",
            Self::Budget => "Budget",
            Self::Posts => "Postes",
            Self::Commitments => "Engagements et demandes",
            Self::Indicators => "Indicateurs",
            Self::Jalons => "Jalons",
        }
    }
}

words! {
    /// What kind of statement a control checks.
    pub enum Nature {
        /// Two ways to the same figure.
        Identity = "identite",
        /// A number of things, beside the things.
        Count = "comptage",
        /// What a rule of the contract, or common sense, asks.
        Rule = "regle",
        /// Two figures that no sentence says equal: a gap is a question, not a fault.
        Comparison = "rapprochement",
    }
}

impl Nature {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Identity => "identité",
            Self::Count => "comptage",
            Self::Rule => "règle",
            Self::Comparison => "rapprochement",
        }
    }
}

words! {
    /// How it turns out, what fails first.
    pub enum Verdict {
        /// Printed and computed differ, or the rule is not kept.
        Gap = "ecart",
        /// They differ by one unit of the printed figure.
        Rounding = "arrondi",
        /// One of the two is not known yet.
        Unknown = "inconnu",
        /// They agree, or the rule is kept.
        Holds = "tient",
    }
}

impl Verdict {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gap => "Écart",
            Self::Rounding => "Arrondi",
            Self::Unknown => "Non vérifiable",
            Self::Holds => "Tient",
        }
    }

    /// Name of its pill and icon, borrowed from the states that mean the same to a reader.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Gap => "en-retard",
            Self::Rounding => "conforme",
            Self::Unknown => "sans-donnee",
            Self::Holds => "atteinte",
        }
    }

    /// « 3 en écart », « 2 arrondis ».
    pub fn counted(self, count: usize) -> String {
        let word = match (self, count > 1) {
            (Self::Gap, _) => "en écart",
            (Self::Rounding, false) => "arrondi",
            (Self::Rounding, true) => "arrondis",
            (Self::Unknown, false) => "non vérifiable",
            (Self::Unknown, true) => "non vérifiables",
            (Self::Holds, false) => "qui tient",
            (Self::Holds, true) => "qui tiennent",
        };
        format!("{count} {word}")
    }
}

/// A figure of a control, in the unit of the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Amount {
    /// Posts, votes, indicators…
    Count(Decimal),
    /// Euros.
    Euros(Decimal),
    /// Thousands of euros.
    Keur(Decimal),
    /// A share, in points.
    Percent(Decimal),
    /// What is no single number: « 1 à 19 », « ≥ 20 % ».
    Text(String),
    /// Not known.
    Unknown,
}

impl Amount {
    /// So many things.
    pub fn count(count: usize) -> Self {
        Self::Count(Decimal::from(count))
    }

    /// As shown.
    pub fn show(&self) -> String {
        match self {
            Self::Count(value) => figure::show(*value),
            Self::Euros(value) => money::show_euros(*value),
            Self::Keur(value) => format!("{}\u{202f}k€", figure::show(*value)),
            Self::Percent(value) => figure::show_percent(*value, 2),
            Self::Text(text) => text.clone(),
            Self::Unknown => String::new(),
        }
    }

    /// One unit of it, as a rounding is named.
    const fn unit(&self) -> &'static str {
        match self {
            Self::Euros(_) => "1\u{202f}€ d’arrondi",
            Self::Keur(_) => "1\u{202f}k€ d’arrondi",
            Self::Percent(_) => "1\u{202f}point d’arrondi",
            _ => "arrondi",
        }
    }
}

/// What a control was computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// What it is.
    pub label: String,
    /// Its figure.
    pub amount: Amount,
    /// The thing it belongs to, when it has a page.
    pub about: Option<Touched>,
}

/// One control, run on one thing of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Unique in a plan, and stable: `budget.ligne.B1`.
    pub code: String,
    /// Its group.
    pub family: Family,
    /// What kind of statement it checks.
    pub nature: Nature,
    /// What should hold, of what.
    pub what: String,
    /// How it is checked, in a sentence.
    pub rule: &'static str,
    /// What the document prints.
    pub printed: Amount,
    /// What the figures give.
    pub computed: Amount,
    /// Printed less computed, when they are numbers that differ.
    pub gap: Option<Amount>,
    /// How it turns out.
    pub verdict: Verdict,
    /// What to say beside the verdict; may be empty.
    pub note: String,
    /// What it was computed from.
    pub inputs: Vec<Input>,
    /// What it is about: where its figure is shown, and who sees it.
    pub about: Vec<Touched>,
    /// Lines of the source document, in order.
    pub lines: Vec<i32>,
}

/// A control of the catalogue, over facts of one kind.
pub struct Control<F> {
    /// First part of its outcomes' codes.
    pub word: &'static str,
    /// Its group.
    pub family: Family,
    /// What kind of statement it checks.
    pub nature: Nature,
    /// How it is checked, in a sentence: a reader has no other manual.
    pub rule: &'static str,
    /// Runs it: an outcome a thing it bears on, none when the plan has no such thing.
    pub run: fn(&Self, &F) -> Vec<Outcome>,
}

impl<F> Control<F> {
    /// An outcome of this control, still to be compared.
    pub fn on(&self, thing: &str, what: impl Into<String>) -> Outcome {
        let joint = if thing.is_empty() { "" } else { "." };
        Outcome {
            code: format!("{}{joint}{thing}", self.word),
            family: self.family,
            nature: self.nature,
            what: what.into(),
            rule: self.rule,
            printed: Amount::Unknown,
            computed: Amount::Unknown,
            gap: None,
            verdict: Verdict::Unknown,
            note: String::new(),
            inputs: Vec::new(),
            about: Vec::new(),
            lines: Vec::new(),
        }
    }
}

/// Runs a catalogue over facts.
pub fn run<F>(catalogue: &[Control<F>], facts: &F) -> Vec<Outcome> {
    catalogue.iter().flat_map(|control| (control.run)(control, facts)).collect()
}

/// The controls of one page of a plan: what does not hold, what fails first, and how many hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shortlist {
    /// What does not hold.
    pub open: Vec<Outcome>,
    /// How many hold.
    pub holding: usize,
}

impl Shortlist {
    /// Out of all the controls of a page.
    pub fn of(mut all: Vec<Outcome>) -> Self {
        let total = all.len();
        all.retain(|it| it.verdict != Verdict::Holds);
        all.sort_by_key(|it| it.verdict);
        Self { holding: total - all.len(), open: all }
    }

    /// How many turn out so.
    pub fn count(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Holds => self.holding,
            _ => self.open.iter().filter(|it| it.verdict == verdict).count(),
        }
    }

    /// How many are in gap.
    pub fn gaps(&self) -> usize {
        self.count(Verdict::Gap)
    }

    /// There is nothing to control.
    pub fn is_empty(&self) -> bool {
        self.open.is_empty() && self.holding == 0
    }

    /// « 1 en écart, 2 arrondis, 40 qui tiennent ».
    pub fn sentence(&self) -> String {
        let told: Vec<String> =
            Verdict::ALL.iter().filter(|it| self.count(**it) > 0).map(|it| it.counted(self.count(*it))).collect();
        told.join(", ")
    }
}

/// A thing of a plan; without a code, all of its kind.
pub fn thing(subject: Subject, code: Option<&str>) -> Touched {
    Touched { subject, code: code.and_then(Code::new) }
}

impl Outcome {
    /// About this thing, beside what was said before.
    #[must_use]
    pub fn about(mut self, subject: Subject, code: Option<&str>) -> Self {
        self.about.push(thing(subject, code));
        self
    }

    /// About all that a mention is about, at its place, with its words.
    #[must_use]
    pub fn said(mut self, mention: &Mention) -> Self {
        self.about.extend(mention.about.iter().cloned());
        self.note = mention.text.as_ref().map_or_else(String::new, |text| format!("imprimé : « {text} »"));
        self.at(mention.lines.iter().copied())
    }

    /// With this among its inputs.
    #[must_use]
    pub fn input(mut self, label: impl Into<String>, amount: Amount, about: Option<Touched>) -> Self {
        self.inputs.push(Input { label: label.into(), amount, about });
        self
    }

    /// With what a mention lists among its inputs.
    #[must_use]
    pub fn terms(mut self, terms: &[Term]) -> Self {
        for term in terms {
            self = self.input(&term.label, term.value.map_or(Amount::Unknown, Amount::Count), None);
        }
        self
    }

    /// Printed on these lines.
    #[must_use]
    pub fn at(mut self, lines: impl IntoIterator<Item = i32>) -> Self {
        self.lines.extend(lines);
        self.lines.sort_unstable();
        self.lines.dedup();
        self
    }

    /// With a word beside the verdict.
    #[must_use]
    pub fn noted(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Printed and computed, compared; the gap is printed less computed. A computed figure is rounded as the printed
    /// one is before they are compared, and one unit more or less of euros, k€ or points is a rounding.
    #[must_use]
    pub fn compared(mut self, printed: Amount, computed: Amount) -> Self {
        // k€ printed, euros computed: the page shows both, the comparison is in k€.
        let (computed, exact) = match (&printed, computed) {
            (Amount::Keur(_), Amount::Euros(euros)) => {
                let keur = euros.checked_div(Decimal::ONE_THOUSAND).unwrap_or(euros);
                (Amount::Keur(figure::round(keur, 0)), Some(Amount::Euros(euros)))
            }
            (Amount::Percent(points), Amount::Percent(exact)) => {
                (Amount::Percent(figure::round(exact, points.normalize().scale())), Some(Amount::Percent(exact)))
            }
            (_, computed) => (computed, None),
        };
        let exact = exact.filter(|exact| match (exact, &computed) {
            (Amount::Euros(euros), Amount::Keur(keur)) => Some(*euros) != keur.checked_mul(Decimal::ONE_THOUSAND),
            (exact, computed) => exact != computed,
        });
        if let Some(exact) = exact {
            self = self.input("Montant exact", exact, None);
            if let Some(last) = self.inputs.last_mut()
                && matches!(last.amount, Amount::Percent(_))
            {
                last.label = "Part exacte".into();
            }
        }
        let difference = |one: &Decimal, other: &Decimal| one.checked_sub(*other).filter(|gap| !gap.is_zero());
        (self.gap, self.verdict) = match (&printed, &computed) {
            (Amount::Count(one), Amount::Count(other)) => match difference(one, other) {
                None => (None, Verdict::Holds),
                Some(gap) => (Some(Amount::Count(gap)), Verdict::Gap),
            },
            (Amount::Euros(one), Amount::Euros(other)) => rounded(difference(one, other), Amount::Euros),
            (Amount::Keur(one), Amount::Keur(other)) => rounded(difference(one, other), Amount::Keur),
            (Amount::Percent(one), Amount::Percent(other)) => rounded(difference(one, other), Amount::Percent),
            (Amount::Unknown, _) | (_, Amount::Unknown) => (None, Verdict::Unknown),
            (one, other) => (None, if one == other { Verdict::Holds } else { Verdict::Gap }),
        };
        (self.printed, self.computed) = (printed, computed);
        self
    }

    /// A rule kept or not, with the figures it bears on.
    #[must_use]
    pub fn ruled(mut self, kept: bool, printed: Amount, computed: Amount) -> Self {
        self.verdict = if kept { Verdict::Holds } else { Verdict::Gap };
        (self.printed, self.computed) = (printed, computed);
        self
    }

    /// Not verifiable yet, and why; the figures that are known are shown all the same.
    #[must_use]
    pub fn unknown(mut self, why: impl Into<String>, printed: Amount, computed: Amount) -> Self {
        (self.verdict, self.gap, self.note) = (Verdict::Unknown, None, why.into());
        (self.printed, self.computed) = (printed, computed);
        self
    }

    /// It counts among the controls in gap.
    pub fn is_gap(&self) -> bool {
        self.verdict == Verdict::Gap
    }

    /// « Écart », « 1 k€ d’arrondi ».
    pub fn told(&self) -> &'static str {
        match (self.verdict, &self.gap) {
            (Verdict::Rounding, Some(gap)) => gap.unit(),
            (verdict, _) => verdict.label(),
        }
    }

    /// « +1 k€ », « −5 »; empty when there is no number.
    pub fn gap_shown(&self) -> String {
        let Some(gap) = &self.gap else { return String::new() };
        let shown = gap.show();
        let rises = matches!(gap, Amount::Count(it) | Amount::Euros(it) | Amount::Keur(it) | Amount::Percent(it) if *it > Decimal::ZERO);
        if rises { format!("+{shown}") } else { shown }
    }

    /// « lignes 699 à 703 et 722 »; empty when the document's place is not known.
    pub fn place(&self) -> String {
        place(&self.lines)
    }

    /// Where it is told whole, in the plan of this code.
    pub fn address(&self, plan: &str) -> String {
        format!("/plans/{plan}/controls#{}", self.code)
    }

    /// The page of its figure, in the plan of this code.
    pub fn figure(&self, plan: &str) -> String {
        self.about.first().map_or_else(|| format!("/plans/{plan}"), |it| shown_at(plan, it))
    }

    /// Sees it who sees all that it is about (docs/regles.md §8).
    pub fn is_seen_by(&self, user: &User, structure_id: i64) -> bool {
        sees(user, structure_id, &self.about)
    }
}

/// The page of a thing; without a code, the page of all of its kind.
pub fn shown_at(plan: &str, it: &Touched) -> String {
    match (it.subject, it.code.as_ref()) {
        (_, Some(code)) => marks::href(plan, it.subject, code.as_str()),
        (Subject::Post | Subject::PostTable | Subject::Potential, None) => format!("/plans/{plan}/posts"),
        (Subject::Heading | Subject::Request | Subject::Commitment, None) => format!("/plans/{plan}/commitments"),
        (Subject::BudgetLine, None) => format!("/plans/{plan}/budget"),
        (Subject::Jalon, None) => format!("/plans/{plan}/jalons"),
        (Subject::Document | Subject::Node | Subject::Indicator | Subject::Step, None) => format!("/plans/{plan}"),
    }
}

/// A difference in euros, k€ or points: one unit is a rounding.
fn rounded(gap: Option<Decimal>, unit: fn(Decimal) -> Amount) -> (Option<Amount>, Verdict) {
    match gap {
        None => (None, Verdict::Holds),
        Some(gap) if gap.abs() <= Decimal::ONE => (Some(unit(gap)), Verdict::Rounding),
        Some(gap) => (Some(unit(gap)), Verdict::Gap),
    }
}

/// « ligne 24 », « lignes 699 à 703 et 722 ».
fn place(lines: &[i32]) -> String {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for line in lines {
        match runs.last_mut() {
            Some((_, last)) if *line == *last + 1 => *last = *line,
            _ => runs.push((*line, *line)),
        }
    }
    let told: Vec<String> = runs
        .iter()
        .flat_map(|(first, last)| match last - first {
            0 => vec![first.to_string()],
            1 => vec![first.to_string(), last.to_string()],
            _ => vec![format!("{first} à {last}")],
        })
        .collect();
    match told.split_last() {
        None => String::new(),
        Some((only, [])) if lines.len() == 1 => format!("ligne {only}"),
        Some((only, [])) => format!("lignes {only}"),
        Some((last, rest)) => format!("lignes {} et {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const CONTROL: Control<()> = Control {
        word: "essai",
        family: Family::Budget,
        nature: Nature::Identity,
        rule: "Les deux sont égaux.",
        run: |control, ()| vec![control.on("B1", "égalité").compared(Amount::count(2), Amount::count(2))],
    };

    fn euros(value: i64) -> Amount {
        Amount::Euros(Decimal::from(value))
    }

    fn keur(value: i64) -> Amount {
        Amount::Keur(Decimal::from(value))
    }

    #[rstest]
    #[case(euros(100), euros(100), Verdict::Holds, "")]
    #[case(euros(101), euros(100), Verdict::Rounding, "+1\u{202f}€")]
    #[case(euros(102), euros(100), Verdict::Gap, "+2\u{202f}€")]
    #[case(keur(390), euros(389_280), Verdict::Rounding, "+1\u{202f}k€")]
    #[case(keur(389), euros(389_280), Verdict::Holds, "")]
    #[case(keur(607), euros(606_280), Verdict::Rounding, "+1\u{202f}k€")]
    #[case(keur(609), euros(606_280), Verdict::Gap, "+3\u{202f}k€")]
    #[case(Amount::count(28), Amount::count(29), Verdict::Gap, "−1")]
    #[case(Amount::Percent(Decimal::from(89)), Amount::Percent(Decimal::new(8868, 2)), Verdict::Holds, "")]
    #[case(
        Amount::Percent(Decimal::from(90)),
        Amount::Percent(Decimal::new(8868, 2)),
        Verdict::Rounding,
        "+1\u{202f}%"
    )]
    #[case(Amount::Text("1 à 19".into()), Amount::Text("1 à 18".into()), Verdict::Gap, "")]
    #[case(Amount::Unknown, euros(1), Verdict::Unknown, "")]
    fn one_unit_is_a_rounding_and_is_named(
        #[case] printed: Amount,
        #[case] computed: Amount,
        #[case] verdict: Verdict,
        #[case] gap: &str,
    ) {
        let found = CONTROL.on("", "égalité").compared(printed, computed);
        assert_eq!((found.verdict, found.gap_shown().as_str()), (verdict, gap));
    }

    #[test]
    fn a_rounding_keeps_the_exact_figure_beside() {
        let found = CONTROL.on("B1", "accordé").compared(keur(390), euros(389_280));
        assert_eq!((found.computed.show(), found.told()), ("389\u{202f}k€".into(), "1\u{202f}k€ d’arrondi"));
        assert_eq!(found.inputs[0].amount.show(), "389\u{202f}280\u{202f}€");
        assert_eq!(found.code, "essai.B1");
        assert!(CONTROL.on("", "x").compared(keur(20), euros(20_000)).inputs.is_empty());
        assert_eq!(run(&[CONTROL], &()).len(), 1);
    }

    #[test]
    fn lines_that_follow_are_told_together() {
        assert_eq!(place(&[]), "");
        assert_eq!(place(&[24]), "ligne 24");
        assert_eq!(place(&[24, 25]), "lignes 24 et 25");
        assert_eq!(place(&[699, 700, 701, 722]), "lignes 699 à 701 et 722");
        assert_eq!(place(&[699, 700, 701]), "lignes 699 à 701");
    }
}
