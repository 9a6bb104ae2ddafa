//! What is asked in posts, and what the tables count of it: a demand counts once it is granted (docs/regles.md §6, §8).

use super::entry::{LineFields, Refusal};
use super::model::{Corps, Origin, Part, PostLine, Realisation};
use crate::arbitrages::amendment::{Course, PostAsked};
use crate::arbitrages::entry::read_reason;
use crate::arbitrages::model::Arbitrage;
use crate::kernel::ids::Code;

impl PostLine {
    /// What it asks, apart from what it is.
    pub fn asked(&self) -> PostAsked {
        PostAsked {
            count: self.count,
            year: self.year,
            qualifier: self.qualifier.clone(),
            funding: self.funding.clone(),
        }
    }

    /// The line as it is asked now.
    #[must_use]
    pub fn amended(&self, course: &Course) -> Self {
        let Some(asked) = course.amended().and_then(|it| it.post.clone()) else { return self.clone() };
        let PostAsked { count, year, qualifier, funding } = asked;
        let year_printed = self.year_printed.clone().filter(|_| year == self.year);
        Self { year, year_printed, count, qualifier, funding, ..self.clone() }
    }
}

/// The line that the tables count: what its signature or a favourable decision gave. `None` for what is only asked, or
/// asked no more.
pub fn counted(line: &PostLine, ledger: &[Arbitrage], course: &Course) -> Option<PostLine> {
    let decision = ledger.last();
    let granted = decision.is_some_and(|it| it.state.is_favourable()) && !course.is_pending(decision.map(|it| it.rank));
    match () {
        () if course.withdrawn().is_some() => None,
        () if granted => Some(line.amended(course)),
        () if course.added().is_some() => None,
        () => Some(line.clone()),
    }
}

/// What an amendment's form says: how many, when, which and for whom to pay.
///
/// # Errors
/// Each refusal at its field.
pub fn read_amendment(fields: &LineFields, kept: &PostLine) -> Result<(PostAsked, String), Vec<Refusal>> {
    let whole = LineFields {
        corps: kept.corps.word().into(),
        part: kept.part.word().into(),
        objectives: Vec::new(),
        ..fields.clone()
    };
    let read = whole.line(&PostLine { objectives: Vec::new(), ..kept.clone() }, &[]);
    reasoned(read, &fields.reason).map(|(line, reason)| (line.asked(), reason))
}

/// A line and why it is asked, every refusal together.
fn reasoned(read: Result<PostLine, Vec<Refusal>>, reason: &str) -> Result<(PostLine, String), Vec<Refusal>> {
    match (read, read_reason(reason)) {
        (Ok(line), Ok(reason)) => Ok((line, reason)),
        (read, reason) => {
            let mut refusals = read.err().unwrap_or_default();
            // A reason that is too long was refused with the rest.
            if !refusals.iter().any(|it| it.at == "reason") {
                refusals.extend(reason.err().map(|sentence| Refusal { at: "reason", sentence }));
            }
            Err(refusals)
        }
    }
}

/// A new line: asked by a director, or created by human resources. Its code is the first free number after the
/// contract's lines.
///
/// # Errors
/// Each refusal at its field.
pub fn read_new(
    fields: &LineFields,
    origin: &str,
    lines: &[PostLine],
    known: &[Code],
) -> Result<(PostLine, String), Vec<Refusal>> {
    let taken = |code: &str| lines.iter().any(|it| it.code.as_str() == code);
    let code = Code::free(lines.len() + 1, lines.len(), |number| format!("P{number:02}"), taken);
    let kind = Origin::from_word(origin);
    let blank = code.map(|code| PostLine {
        code,
        origin: kind.unwrap_or(Origin::Creation),
        year: None,
        year_printed: None,
        part: Part::Outside,
        corps: Corps::Pr,
        count: 1,
        qualifier: None,
        funding: None,
        objectives: Vec::new(),
        structuring: false,
        also_printed_in: None,
        realisation: Realisation::Decided,
        provenance: None,
    });
    let Some(blank) = blank else { return Err(Vec::new()) };
    let read = reasoned(fields.line(&blank, known), &fields.reason);
    if kind.is_some() {
        return read;
    }
    let mut refusals = read.err().unwrap_or_default();
    refusals.insert(0, Refusal { at: "origin", sentence: "Choisissez vacance, création ou stabilisation.".into() });
    Err(refusals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arbitrages::amendment::{Amendment, Step};
    use crate::arbitrages::model::{State, Subject, tests::decision};

    fn fields() -> LineFields {
        LineFields {
            count: "2".into(),
            corps: "MCF".into(),
            part: "part_20".into(),
            year: "2026".into(),
            reason: "nouveau parcours".into(),
            ..LineFields::default()
        }
    }

    fn step(rank: i32, step: Step, answers: Option<i32>, post: Option<PostAsked>) -> Amendment {
        Amendment {
            subject: Subject::Post,
            code: Code::new("P01").unwrap(),
            rank,
            step,
            dated_on: "2025-09-12".parse().unwrap(),
            reason: None,
            answers,
            request: None,
            money: None,
            post,
        }
    }

    #[test]
    fn a_new_line_has_an_origin_a_reason_and_the_next_code() {
        let (line, reason) = read_new(&fields(), "creation", &[], &[]).unwrap();
        assert_eq!(
            (line.code.as_str(), line.count, line.corps, reason.as_str()),
            ("P01", 2, Corps::Mcf, "nouveau parcours")
        );
        let (next, _) = read_new(&fields(), "vacance", std::slice::from_ref(&line), &[]).unwrap();
        assert_eq!(next.code.as_str(), "P02");
        let refused = read_new(&LineFields { reason: " ".into(), ..fields() }, "", &[], &[]).unwrap_err();
        assert_eq!(refused.iter().map(|it| it.at).collect::<Vec<_>>(), ["origin", "reason"]);
    }

    #[test]
    fn an_amendment_changes_neither_corps_nor_part() {
        let (line, _) = read_new(&fields(), "creation", &[], &[]).unwrap();
        let typed = LineFields { count: "3".into(), corps: "PR".into(), part: String::new(), ..fields() };
        let (asked, _) = read_amendment(&typed, &line).unwrap();
        assert_eq!((asked.count, asked.year), (3, Some(2026)));
        let wrong = LineFields { count: "x".into(), reason: String::new(), ..fields() };
        let refused = read_amendment(&wrong, &line).unwrap_err();
        assert_eq!(refused.iter().map(|it| it.at).collect::<Vec<_>>(), ["count", "reason"]);
    }

    #[test]
    fn a_demand_counts_once_it_is_granted() {
        let (line, _) = read_new(&fields(), "creation", &[], &[]).unwrap();
        let count = |ledger: &[Arbitrage], steps: Vec<Amendment>| {
            counted(&line, ledger, &Course { steps }).map(|line| line.count)
        };
        let (yes, no) = (decision("P01", 1, State::Favourable), decision("P01", 1, State::Unfavourable));
        assert_eq!(count(&[], vec![]), Some(2), "a line of the contract was decided by its signature");
        let added = || step(1, Step::Added, None, None);
        assert_eq!(count(&[], vec![added()]), None);
        assert_eq!(count(std::slice::from_ref(&no), vec![added()]), None);
        assert_eq!(count(std::slice::from_ref(&yes), vec![added()]), Some(2));
        // Amended: the contract's figure holds until a favourable decision answers.
        let more = PostAsked { count: 5, ..line.asked() };
        let amended = |answers| step(2, Step::Amended, answers, Some(more.clone()));
        assert_eq!(count(&[], vec![amended(None)]), Some(2));
        assert_eq!(count(std::slice::from_ref(&yes), vec![amended(None)]), Some(5));
        assert_eq!(count(std::slice::from_ref(&yes), vec![amended(Some(1))]), Some(2), "asked since");
        assert_eq!(count(&[yes], vec![step(1, Step::Withdrawn, Some(1), None)]), None);
    }
}
