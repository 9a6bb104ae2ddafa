//! What a person posts for a cell, and what becomes of it: unchanged, saved, refused or in conflict
//! (docs/regles.md §2, §10).

use std::collections::BTreeMap;
use std::fmt;

use rust_decimal::Decimal;

use super::model::{COMMENT_MAX, Cell, Measure, Status, parts};
use crate::kernel::figure::{self, Answer};
use crate::kernel::ids::Code;
use crate::kernel::period::Period;
use crate::kernel::typed::plain;

/// A cell, as fields and addresses name it: `13.a/2023-2024`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key {
    /// The measure.
    pub measure: Code,
    /// The period.
    pub period: Period,
}

impl Key {
    /// `None` when the text names no cell.
    pub fn parse(text: &str) -> Option<Self> {
        let (measure, period) = text.split_once('/')?;
        Some(Self { measure: Code::new(measure)?, period: period.parse().ok()? })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.measure, self.period)
    }
}

/// The fields of a cell as a form shows them, or as it posts them back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// `value`, `NR` or `NA`.
    pub status: String,
    /// The figure, for a measure that is no quotient.
    pub value: String,
    /// For a quotient.
    pub numerator: String,
    /// For a quotient.
    pub denominator: String,
    /// The explanation.
    pub comment: String,
}

impl Fields {
    /// What a form shows of a cell.
    pub fn of(cell: &Cell, is_quotient: bool) -> Self {
        let shown = |value: Option<Decimal>| value.map(figure::for_input).unwrap_or_default();
        Self {
            status: match cell.status {
                Some(Status::NotProvided) => "NR".into(),
                Some(Status::NotApplicable) => "NA".into(),
                Some(Status::Value) | None => "value".into(),
            },
            value: if is_quotient { String::new() } else { shown(cell.value) },
            numerator: shown(cell.numerator),
            denominator: shown(cell.denominator),
            comment: cell.comment.clone().unwrap_or_default(),
        }
    }

    /// The answer in one text, to tell whether it changed and to show it beside another.
    pub fn answer(&self) -> String {
        match self.status.as_str() {
            "value" if self.numerator.is_empty() && self.denominator.is_empty() => self.value.clone(),
            "value" => format!("{}/{}", self.numerator, self.denominator),
            status if self.value.is_empty() && self.numerator.is_empty() => status.to_owned(),
            // NR chosen with a figure left in its field: both are part of what was typed.
            status => format!("{status} {}{}", self.value, self.numerator),
        }
    }
}

/// Which side of a conflict is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// What this person typed.
    Mine,
    /// What is there.
    Theirs,
}

/// A cell as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posted {
    /// What was typed.
    pub fields: Fields,
    /// The version this person had under their eyes; 0 for none.
    pub version: i32,
    /// The answer they started from, as [`Fields::answer`] tells it.
    pub was: String,
    /// The comment they started from.
    pub was_comment: String,
    /// The form showed a conflict.
    pub in_conflict: bool,
    /// And this side was kept.
    pub choice: Option<Choice>,
    /// Why, when it was said; kept in the journal.
    pub reason: String,
}

impl Posted {
    fn answer_changed(&self) -> bool {
        self.fields.answer() != self.was
    }

    fn changed(&self) -> bool {
        self.answer_changed() || self.fields.comment != self.was_comment
    }
}

/// Reads the pairs of a form, whatever their order. `None` when a field names no cell or a version is no number.
pub fn read_form(pairs: Vec<(String, String)>) -> Option<BTreeMap<Key, Posted>> {
    let mut all: BTreeMap<Key, Posted> = BTreeMap::new();
    for (name, text) in pairs {
        let Some((field, key)) = name.split_once('/') else { continue };
        let posted = all.entry(Key::parse(key)?).or_default();
        match field {
            "status" => posted.fields.status = text,
            "value" => text.trim().clone_into(&mut posted.fields.value),
            "num" => text.trim().clone_into(&mut posted.fields.numerator),
            "den" => text.trim().clone_into(&mut posted.fields.denominator),
            "comment" => posted.fields.comment = plain(&text),
            "version" => posted.version = text.parse().ok()?,
            "was" => posted.was = text,
            "wascomment" => posted.was_comment = plain(&text),
            "conflict" => posted.in_conflict = true,
            "why" => posted.reason = plain(&text),
            "choice" => {
                posted.choice = match text.as_str() {
                    "mine" => Some(Choice::Mine),
                    "theirs" => Some(Choice::Theirs),
                    _ => None,
                }
            }
            _ => {}
        }
    }
    Some(all)
}

/// Which field a refusal is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// The value, or the choice of NR or NA.
    Value,
    /// Numerator.
    Numerator,
    /// Denominator.
    Denominator,
    /// Comment.
    Comment,
}

/// Why a cell is not saved, beside its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The field.
    pub at: At,
    /// A French sentence.
    pub sentence: String,
}

/// What became of a form.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many cells were written.
    pub saved: usize,
    /// Those that were not, and why.
    pub kept_back: BTreeMap<Key, (Posted, Back)>,
}

/// Why a cell comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Back {
    /// Refused, at a field.
    Refused(Refusal),
    /// Somebody else changed it meanwhile.
    Conflict,
}

impl Outcome {
    /// How many cells were refused.
    pub fn refused(&self) -> usize {
        self.kept_back.values().filter(|(_, back)| matches!(back, Back::Refused(_))).count()
    }

    /// How many are in conflict.
    pub fn conflicts(&self) -> usize {
        self.kept_back.len() - self.refused()
    }
}

/// What becomes of a posted cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Nothing to do.
    Unchanged,
    /// To be written over this version.
    Save(Box<Cell>),
    /// Said beside the field; what was typed is kept.
    Refused(Refusal),
    /// Somebody else changed it meanwhile: mine, theirs and the original are shown.
    Conflict,
}

/// Decides, given what is kept now.
pub fn decide(posted: &Posted, measure: &Measure, kept: &Cell, version: i32) -> Decision {
    if posted.choice == Some(Choice::Theirs) || (!posted.changed() && !posted.in_conflict) {
        return Decision::Unchanged;
    }
    let cell = match read(posted, measure, kept) {
        Ok(cell) => cell,
        Err(refusal) => return Decision::Refused(refusal),
    };
    // Both wrote the same thing, or the text says the same figure.
    if cell == *kept {
        return Decision::Unchanged;
    }
    if posted.version != version || (posted.in_conflict && posted.choice.is_none()) {
        return Decision::Conflict;
    }
    Decision::Save(Box::new(cell))
}

fn refused<T>(at: At, sentence: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal { at, sentence: sentence.into() })
}

/// The cell that the fields describe.
fn read(posted: &Posted, measure: &Measure, kept: &Cell) -> Result<Cell, Refusal> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::indicators::model::UnitKind;
    use crate::indicators::progress::{Direction, Nature};
    use proptest::prelude::*;
    use rstest::rstest;

    fn measure(is_quotient: bool) -> Measure {
        Measure {
            code: Code::new("13.a").unwrap(),
            indicator: Code::new("13").unwrap(),
            label: "Mesure".into(),
            unit: "Nombre".into(),
            unit_kind: if is_quotient { UnitKind::Rate } else { UnitKind::Count },
            is_quotient,
            scope: None,
            calculation: None,
            nature: Nature::Stock,
            nature_confirmed: true,
            direction: Direction::Up,
            direction_confirmed: true,
            tolerance: None,
            better_side: None,
            reference: None,
            amended: Vec::new(),
        }
    }

    fn empty() -> Cell {
        Cell::empty(Code::new("13.a").unwrap(), Period::academic(2023))
    }

    fn with(status: Status, value: Option<i64>) -> Cell {
        Cell { status: Some(status), value: value.map(Decimal::from), ..empty() }
    }

    /// What a form that showed `cell` posts after `typing`.
    fn posting(cell: &Cell, version: i32, is_quotient: bool, typing: impl FnOnce(&mut Fields)) -> Posted {
        let shown = Fields::of(cell, is_quotient);
        let mut fields = shown.clone();
        typing(&mut fields);
        Posted { was: shown.answer(), was_comment: shown.comment, fields, version, ..Posted::default() }
    }

    fn saved(decision: Decision) -> Cell {
        match decision {
            Decision::Save(cell) => *cell,
            other => panic!("not saved: {other:?}"),
        }
    }

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
    fn an_untouched_cell_is_no_edit_even_when_it_changed_meanwhile() {
        let posted = posting(&with(Status::Value, Some(9)), 1, false, |_| {});
        let decision = decide(&posted, &measure(false), &with(Status::Value, Some(11)), 2);
        assert_eq!(decision, Decision::Unchanged);
    }

    #[test]
    fn the_same_figure_written_otherwise_is_no_edit() {
        let kept = with(Status::Value, Some(1250));
        let posted = posting(&kept, 1, false, |fields| fields.value = "1 250,0".into());
        assert_eq!(decide(&posted, &measure(false), &kept, 1), Decision::Unchanged);
    }

    #[test]
    fn two_people_on_one_cell_conflict_until_a_side_is_chosen() {
        let original = with(Status::Value, Some(9));
        let theirs = with(Status::Value, Some(11));
        let mut posted = posting(&original, 1, false, |fields| fields.value = "10".into());
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Conflict);
        // The page came back with their version, and asks.
        posted.version = 2;
        posted.in_conflict = true;
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Conflict);
        posted.choice = Some(Choice::Mine);
        assert_eq!(saved(decide(&posted, &measure(false), &theirs, 2)).value, Some(Decimal::from(10)));
        posted.choice = Some(Choice::Theirs);
        assert_eq!(decide(&posted, &measure(false), &theirs, 2), Decision::Unchanged);
    }

    #[test]
    fn two_people_who_wrote_the_same_do_not_conflict() {
        let posted = posting(&empty(), 0, false, |fields| fields.value = "10".into());
        assert_eq!(decide(&posted, &measure(false), &with(Status::Value, Some(10)), 1), Decision::Unchanged);
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

    #[test]
    fn a_form_is_read_whatever_the_order_of_its_fields() {
        let pairs =
            [("version/13.a/2023-2024", "3"), ("comment/13.a/2023-2024", "a\r\nb"), ("value/13.a/2023-2024", " 9 ")];
        let form = read_form(pairs.map(|(name, text)| (name.into(), text.into())).to_vec()).unwrap();
        let posted = &form[&Key::parse("13.a/2023-2024").unwrap()];
        assert_eq!((posted.version, posted.fields.value.as_str(), posted.fields.comment.as_str()), (3, "9", "a\nb"));
    }

    proptest! {
        #[test]
        fn nothing_typed_makes_it_panic(
            value in ".*", numerator in ".*", denominator in ".*", comment in ".*", status in "value|NR|NA|.*",
            quotient in any::<bool>(), version in any::<i32>(),
        ) {
            let posted = Posted {
                fields: Fields { status, value, numerator, denominator, comment },
                version,
                ..Posted::default()
            };
            let _ = decide(&posted, &measure(quotient), &empty(), 0);
        }

        #[test]
        fn what_a_form_shows_is_no_edit(value in any::<i32>(), scale in 0_u32..=6) {
            let kept = Cell { value: Some(Decimal::new(value.into(), scale).normalize()), ..with(Status::Value, Some(0)) };
            let mut posted = posting(&kept, 1, false, |_| {});
            posted.in_conflict = true;
            prop_assert_eq!(decide(&posted, &measure(false), &kept, 1), Decision::Unchanged);
        }
    }
}
