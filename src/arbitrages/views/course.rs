//! What is said of a demand and what became of it, as any page of a demand includes them
//! (`templates/arbitrages/opinions.html`, `templates/arbitrages/course.html`).

use crate::access::Verdict;
use crate::arbitrages::amendment::{Named, Step};
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::{OPINION_MAX, TEXT_MAX};
use crate::arbitrages::web::Returned;
use crate::kernel::date;

/// An avis.
pub struct OpinionRow {
    /// Whose.
    pub author: &'static str,
    /// When.
    pub dated: String,
    /// What it says.
    pub text: String,
}

/// The avis on a thing, and the form of the next one.
pub struct Opinions {
    /// Where the form posts.
    pub action: String,
    /// Oldest first.
    pub rows: Vec<OpinionRow>,
    /// This person may give one.
    pub allowed: bool,
    /// What stands in the form.
    pub back: Returned,
}

impl Opinions {
    /// Those of a case, with the form that came back.
    pub fn new(case: &Case<'_>, verdict: &Verdict, back: Option<Returned>) -> Self {
        let row = |it: &crate::arbitrages::opinion::Opinion| OpinionRow {
            author: it.author.label(),
            dated: date::short(it.dated_on),
            text: it.text.clone(),
        };
        Self {
            action: format!("{}/opinions", case.address),
            rows: case.opinions.iter().map(row).collect(),
            allowed: verdict.allowed(),
            back: back.unwrap_or_default(),
        }
    }

    /// Longest text, for the field.
    pub const fn text_max(&self) -> usize {
        OPINION_MAX
    }
}

/// A step of a demand.
pub struct StepRow {
    /// What it does.
    pub label: &'static str,
    /// When; empty for the original.
    pub dated: String,
    /// Why.
    pub reason: String,
    /// What changed: which, what it was, what it is.
    pub changes: Vec<(&'static str, String, String)>,
}

/// What became of a demand, and what its director may still do.
pub struct CourseView {
    /// Address of the demand: its acts are below.
    pub address: String,
    /// Steps, oldest first.
    pub rows: Vec<StepRow>,
    /// Its director may change it now.
    pub allowed: bool,
    /// Why they may, or may not.
    pub sentence: String,
    /// It is asked no more.
    pub withdrawn: bool,
    /// The rank that the next step takes.
    pub rank: i32,
    /// What stands in the withdrawal's form.
    pub back: Returned,
}

/// The fields that differ, in the order of the later one.
fn changes(before: &Named, after: &Named) -> Vec<(&'static str, String, String)> {
    let was = |label: &str| before.iter().find(|(known, _)| *known == label).map_or("", |(_, text)| text.as_str());
    after
        .iter()
        .filter(|(label, text)| was(label) != text)
        .map(|(label, text)| (*label, was(label).to_owned(), text.clone()))
        .collect()
}

impl CourseView {
    /// That of a case, with the withdrawal that came back.
    pub fn new(case: &Case<'_>, verdict: &Verdict, back: Option<Returned>) -> Self {
        let (mut asked, mut costed) = (case.original.clone(), case.original.clone());
        let rows = case
            .course
            .steps
            .iter()
            .map(|it| {
                // An amendment stands beside what was asked before it, a costing beside the costing before it.
                let before = if it.step == Step::Costed { &mut costed } else { &mut asked };
                let changes = it.named().map_or_else(Vec::new, |after| {
                    let found = changes(before, &after);
                    *before = after;
                    found
                });
                StepRow {
                    label: it.step.label(),
                    dated: date::short(it.dated_on),
                    reason: it.reason.clone().unwrap_or_default(),
                    changes,
                }
            })
            .collect();
        Self {
            address: case.address.clone(),
            rows,
            allowed: verdict.allowed(),
            sentence: verdict.sentence(),
            withdrawn: case.course.withdrawn().is_some(),
            rank: case.course.next_rank(),
            back: back.unwrap_or_default(),
        }
    }

    /// Longest reason, for the fields.
    pub const fn text_max(&self) -> usize {
        TEXT_MAX
    }

    /// A demand that may still be changed by this person.
    pub const fn open(&self) -> bool {
        self.allowed && !self.withdrawn
    }
}
