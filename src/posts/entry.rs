//! What a person posts for a line, its realisation or its confidential fields, and what becomes of it: unchanged,
//! saved, refused at its fields, or in conflict (docs/regles.md §6, §10).

use chrono::NaiveDate;

use super::model::{COUNT_MAX, Confidential, Corps, Part, PostLine, Realisation, TEXT_MAX};
use crate::kernel::ids::Code;
use crate::kernel::typed::plain;

/// A refusal beside its field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the field.
    pub at: &'static str,
    /// A French sentence.
    pub sentence: String,
}

/// What becomes of a form that leads to a `T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision<T> {
    /// Nothing to do.
    Unchanged,
    /// To be written over the version that was shown.
    Save(Box<T>),
    /// What was typed is kept beside these.
    Refused(Vec<Refusal>),
    /// Somebody else changed it meanwhile.
    Conflict,
}

/// Decides, once a form was read.
fn decide<T: PartialEq>(read: Result<T, Vec<Refusal>>, kept: &T, shown: i32, version: i32) -> Decision<T> {
    match read {
        Err(refusals) => Decision::Refused(refusals),
        // Both wrote the same thing.
        Ok(read) if read == *kept => Decision::Unchanged,
        Ok(_) if shown != version => Decision::Conflict,
        Ok(read) => Decision::Save(Box::new(read)),
    }
}

/// The fields of a line as a form shows them, or as it posts them back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LineFields {
    /// How many posts.
    pub count: String,
    /// Word of the corps.
    pub corps: String,
    /// Word of the part.
    pub part: String,
    /// Empty is « non connue ».
    pub year: String,
    /// What is said of it.
    pub qualifier: String,
    /// Who pays.
    pub funding: String,
    /// Codes of the objectives chosen.
    pub objectives: Vec<String>,
    /// The version that was shown.
    pub version: i32,
    /// Why, when it was said; kept in the journal.
    pub reason: String,
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// A short text that may be empty.
fn short(at: &'static str, name: &str, text: &str, refusals: &mut Vec<Refusal>) -> Option<String> {
    if text.chars().count() > TEXT_MAX {
        refusals.push(Refusal { at, sentence: format!("{name} dépasse {TEXT_MAX} caractères.") });
    } else if text.chars().any(char::is_control) {
        let sentence = format!("{name} contient un caractère qui ne peut pas être conservé.");
        refusals.push(Refusal { at, sentence });
    }
    some(text)
}

impl LineFields {
    /// What a form shows of a line.
    pub fn of(line: &PostLine, version: i32) -> Self {
        Self {
            count: line.count.to_string(),
            corps: line.corps.word().into(),
            part: line.part.word().into(),
            year: line.year.map(|year| year.to_string()).unwrap_or_default(),
            qualifier: line.qualifier.clone().unwrap_or_default(),
            funding: line.funding.clone().unwrap_or_default(),
            objectives: line.objectives.iter().map(Code::to_string).collect(),
            version,
            reason: String::new(),
        }
    }

    /// Reads the pairs of a form; `None` when it does not have the shape its page gave it.
    pub fn read(pairs: &[(String, String)]) -> Option<Self> {
        let mut fields = Self::default();
        for (name, text) in pairs {
            let text = plain(text);
            match name.as_str() {
                "count" => fields.count = text,
                "corps" => fields.corps = text,
                "part" => fields.part = text,
                "year" => fields.year = text,
                "qualifier" => fields.qualifier = text,
                "funding" => fields.funding = text,
                "objective" => fields.objectives.push(text),
                "version" => fields.version = text.parse().ok()?,
                "reason" => fields.reason = text,
                _ => {}
            }
        }
        Some(fields)
    }

    /// The line they describe. `known` are the plan's objectives, in order.
    ///
    /// # Errors
    /// Each refusal at its field.
    pub fn line(&self, kept: &PostLine, known: &[Code]) -> Result<PostLine, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let mut refuse = |at, sentence: String| refusals.push(Refusal { at, sentence });
        let count = self.count.parse::<i32>().ok().filter(|count| (1..=COUNT_MAX).contains(count));
        if count.is_none() {
            refuse("count", format!("Un nombre entier de postes est attendu, de 1 à {COUNT_MAX}."));
        }
        let corps = Corps::from_word(&self.corps);
        if corps.is_none() {
            refuse("corps", "Choisissez un corps dans la liste.".into());
        }
        let part = Part::from_word(&self.part);
        if part.is_none() {
            refuse("part", "Choisissez une part dans la liste.".into());
        }
        let year = match self.year.as_str() {
            "" => Some(None),
            text => text.parse::<i32>().ok().filter(|year| (1990..=2100).contains(year)).map(Some),
        };
        if year.is_none() {
            refuse("year", "Une année est attendue, par exemple 2024 ; rien si elle n’est pas connue.".into());
        }
        if self.objectives.iter().any(|code| !known.iter().any(|known| known.as_str() == code)) {
            refuse("objective", "Ce contrat n’a pas l’un de ces objectifs.".into());
        }
        let qualifier = short("qualifier", "La précision", &self.qualifier, &mut refusals);
        let funding = short("funding", "Le financement", &self.funding, &mut refusals);
        short("reason", "Le motif", &self.reason, &mut refusals);
        let (Some(count), Some(corps), Some(part), Some(year), true) = (count, corps, part, year, refusals.is_empty())
        else {
            return Err(refusals);
        };
        let mut line = PostLine {
            count,
            corps,
            part,
            year,
            qualifier,
            funding,
            // In the order of the contract, whatever that of the form.
            objectives: known
                .iter()
                .filter(|code| self.objectives.iter().any(|it| it == code.as_str()))
                .cloned()
                .collect(),
            ..kept.clone()
        };
        if line.year != kept.year {
            // It spoke of the other year; the printed table keeps its own rows.
            line.year_printed = None;
        }
        Ok(owned(line, kept))
    }

    /// What becomes of them, given what is kept now.
    pub fn decide(&self, kept: &PostLine, version: i32, known: &[Code]) -> Decision<PostLine> {
        decide(self.line(kept, known), kept, self.version, version)
    }

    /// The same fields with their names, for a disagreement.
    pub fn named(&self) -> [(&'static str, String); 7] {
        let word = |found: Option<&str>, text: &str| found.map_or_else(|| text.to_owned(), str::to_owned);
        [
            ("nombre", self.count.clone()),
            ("corps", word(Corps::from_word(&self.corps).map(Corps::label), &self.corps)),
            ("part", word(Part::from_word(&self.part).map(Part::label), &self.part)),
            ("année", self.year.clone()),
            ("précision", self.qualifier.clone()),
            ("financement", self.funding.clone()),
            ("objectifs servis", self.objectives.join(", ")),
        ]
    }
}

/// What a person changes is no invented line any more.
fn owned(line: PostLine, kept: &PostLine) -> PostLine {
    if line == *kept { line } else { PostLine { provenance: None, ..line } }
}

/// The realisation of a line as a form posts it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RealisationFields {
    /// Word of the realisation.
    pub realisation: String,
    /// The version that was shown.
    pub version: i32,
    /// Why, when it was said.
    pub reason: String,
}

impl RealisationFields {
    /// What a form shows of a line.
    pub fn of(line: &PostLine, version: i32) -> Self {
        Self { realisation: line.realisation.word().into(), version, reason: String::new() }
    }

    /// What becomes of them, given what is kept now.
    pub fn decide(&self, kept: &PostLine, version: i32) -> Decision<PostLine> {
        let mut refusals = Vec::new();
        let realisation = Realisation::from_word(&self.realisation);
        if realisation.is_none() {
            refusals.push(Refusal { at: "realisation", sentence: "Choisissez une étape dans la liste.".into() });
        }
        short("realisation-reason", "Le motif", &plain(&self.reason), &mut refusals);
        let read = match realisation {
            Some(realisation) if refusals.is_empty() => Ok(owned(PostLine { realisation, ..kept.clone() }, kept)),
            _ => Err(refusals),
        };
        decide(read, kept, self.version, version)
    }
}

/// The confidential fields as a form shows them, or as it posts them back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfidentialFields {
    /// Number of the support.
    pub support_number: String,
    /// Why its holder leaves.
    pub departure_reason: String,
    /// When.
    pub departure_on: String,
    /// The version that was shown; 0 for none.
    pub version: i32,
}

impl ConfidentialFields {
    /// What a form shows.
    pub fn of(it: &Confidential, version: i32) -> Self {
        Self {
            support_number: it.support_number.clone().unwrap_or_default(),
            departure_reason: it.departure_reason.clone().unwrap_or_default(),
            departure_on: it.departure_on.map(|day| day.to_string()).unwrap_or_default(),
            version,
        }
    }

    fn read(&self) -> Result<Confidential, Vec<Refusal>> {
        let mut refusals = Vec::new();
        let support = plain(&self.support_number);
        let support_number = short("support_number", "Le numéro de support", &support, &mut refusals);
        let reason = plain(&self.departure_reason);
        let departure_reason = short("departure_reason", "La raison du départ", &reason, &mut refusals);
        let departure_on = match self.departure_on.trim() {
            "" => None,
            text => {
                let day = text.parse().ok().or_else(|| NaiveDate::parse_from_str(text, "%d/%m/%Y").ok());
                let day = day.filter(|day: &NaiveDate| (1990..=2100).contains(&chrono::Datelike::year(day)));
                if day.is_none() {
                    refusals.push(Refusal {
                        at: "departure_on",
                        sentence: "Une date est attendue, par exemple 31/08/2025.".into(),
                    });
                }
                day
            }
        };
        if refusals.is_empty() {
            Ok(Confidential { support_number, departure_reason, departure_on })
        } else {
            Err(refusals)
        }
    }

    /// What becomes of them, given what is kept now.
    pub fn decide(&self, kept: &Confidential, version: i32) -> Decision<Confidential> {
        decide(self.read(), kept, self.version, version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::posts::model::Origin;
    use rstest::rstest;

    fn code(text: &str) -> Code {
        Code::new(text).unwrap()
    }

    fn line() -> PostLine {
        PostLine {
            code: code("P1"),
            origin: Origin::Vacancy,
            year: Some(2023),
            year_printed: Some("2023, imprimé".into()),
            part: Part::Recurrent,
            corps: Corps::Mcf,
            count: 1,
            qualifier: None,
            funding: None,
            objectives: vec![code("O2")],
            structuring: false,
            also_printed_in: None,
            realisation: Realisation::Decided,
            provenance: Some("donnée fictive".into()),
        }
    }

    fn known() -> Vec<Code> {
        vec![code("O1"), code("O2")]
    }

    fn typing(change: impl FnOnce(&mut LineFields)) -> Decision<PostLine> {
        let mut fields = LineFields::of(&line(), 4);
        change(&mut fields);
        fields.decide(&line(), 4, &known())
    }

    fn saved(decision: Decision<PostLine>) -> PostLine {
        match decision {
            Decision::Save(line) => *line,
            other => panic!("not saved: {other:?}"),
        }
    }

    #[test]
    fn the_same_fields_change_nothing() {
        assert_eq!(typing(|_| {}), Decision::Unchanged);
    }

    #[test]
    fn what_is_typed_is_saved_and_is_invented_no_more() {
        let line = saved(typing(|fields| {
            fields.part = "part_20".into();
            fields.count = "3".into();
            fields.objectives = vec!["O2".into(), "O1".into()];
        }));
        assert_eq!((line.part, line.count, line.provenance), (Part::Dynamic, 3, None));
        assert_eq!(line.objectives, known());
        assert_eq!(line.year_printed.as_deref(), Some("2023, imprimé"));
    }

    #[test]
    fn an_unknown_year_is_left_blank_and_the_printed_one_spoke_of_another() {
        let line = saved(typing(|fields| fields.year.clear()));
        assert_eq!((line.year, line.year_printed), (None, None));
    }

    #[rstest]
    #[case("count", "0")]
    #[case("count", "1,5")]
    #[case("count", "")]
    #[case("year", "23")]
    #[case("corps", "AUTRE")]
    #[case("part", "")]
    fn what_does_not_read_is_refused_at_its_field(#[case] at: &'static str, #[case] typed: &str) {
        let decision = typing(|fields| match at {
            "count" => fields.count = typed.into(),
            "year" => fields.year = typed.into(),
            "corps" => fields.corps = typed.into(),
            _ => fields.part = typed.into(),
        });
        let Decision::Refused(refusals) = decision else { panic!("{decision:?}") };
        assert_eq!(refusals.iter().map(|it| it.at).collect::<Vec<_>>(), [at]);
    }

    #[test]
    fn all_refusals_are_told_together() {
        let decision = typing(|fields| {
            fields.count = "x".into();
            fields.objectives = vec!["O9".into()];
            fields.qualifier = "a".repeat(TEXT_MAX + 1);
        });
        let Decision::Refused(refusals) = decision else { panic!("{decision:?}") };
        assert_eq!(refusals.iter().map(|it| it.at).collect::<Vec<_>>(), ["count", "objective", "qualifier"]);
    }

    #[test]
    fn another_version_is_a_conflict_unless_both_say_the_same() {
        let mut fields = LineFields::of(&line(), 3);
        assert_eq!(fields.decide(&line(), 4, &known()), Decision::Unchanged);
        fields.count = "2".into();
        assert_eq!(fields.decide(&line(), 4, &known()), Decision::Conflict);
    }

    #[test]
    fn realisation_is_a_word_of_the_list() {
        let mut fields = RealisationFields::of(&line(), 4);
        assert_eq!(fields.decide(&line(), 4), Decision::Unchanged);
        fields.realisation = "pourvu".into();
        assert_eq!(saved(fields.decide(&line(), 4)).realisation, Realisation::Filled);
        fields.realisation = "ailleurs".into();
        assert!(matches!(fields.decide(&line(), 4), Decision::Refused(_)));
    }

    #[test]
    fn confidential_fields_read_both_ways_of_writing_a_day() {
        for text in ["2025-08-31", "31/08/2025"] {
            let fields = ConfidentialFields { departure_on: text.into(), ..ConfidentialFields::default() };
            let Decision::Save(read) = fields.decide(&Confidential::default(), 0) else { panic!("{text}") };
            assert_eq!(read.departure_on, NaiveDate::from_ymd_opt(2025, 8, 31));
        }
        let fields = ConfidentialFields { departure_on: "fin août".into(), ..ConfidentialFields::default() };
        assert!(matches!(fields.decide(&Confidential::default(), 0), Decision::Refused(_)));
        assert_eq!(ConfidentialFields::default().decide(&Confidential::default(), 0), Decision::Unchanged);
    }
}
