//! The réserves of a plan as one person sees them, and the marks they leave beside the figures they touch.

use super::dates::Dates;
use super::model::{Origin, Subject};
use super::store::Kept;
use crate::accounts::model::User;
use crate::kernel::date;
use crate::plans::store::Header;

/// A mark beside a figure: a word, an icon and a link to the réserve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// Code of the réserve.
    pub code: String,
    /// Its page.
    pub href: String,
    /// What does not agree.
    pub label: String,
    /// « Lecture en usage : Déc. 2026 », or the reading retained, when and by whom.
    pub reading: String,
    /// Nobody settled it.
    pub open: bool,
}

/// What a list shows beside a thing that réserves touch: one short word, however many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// « réserve », « 3 réserves ».
    pub text: String,
    /// The réserve; for several, the page of the thing, which tells each.
    pub href: String,
    /// What does not agree.
    pub labels: String,
}

/// Where a thing is shown.
pub fn href(plan: &str, subject: Subject, code: &str) -> String {
    let base = format!("/plans/{plan}");
    match subject {
        Subject::Document => base,
        Subject::Node => format!("{base}#n-{code}"),
        Subject::Indicator => format!("{base}/indicators/{code}"),
        Subject::Jalon => format!("{base}/jalons/{code}"),
        Subject::Post => format!("{base}/posts/{code}"),
        Subject::PostTable | Subject::Potential => format!("{base}/posts"),
        Subject::Heading | Subject::Request | Subject::Commitment => format!("{base}/commitments#{code}"),
        Subject::BudgetLine => format!("{base}/budget/{code}"),
        Subject::Step => format!("{base}#adoption"),
    }
}

/// The réserves of a plan that a person sees, and the dates that all of them give to jalons.
#[derive(Debug, Clone)]
pub struct Reserves {
    plan: String,
    seen: Vec<Kept>,
    dates: Dates,
}

impl Reserves {
    /// What this person sees of the réserves of a plan. Dates come from all of them: whether a jalon is late does not
    /// depend on who asks.
    pub fn of(header: &Header, user: &User, mut all: Vec<Kept>) -> Self {
        let dates = Dates::of(all.iter().map(|kept| &kept.reserve));
        all.retain(|kept| kept.reserve.is_seen_by(user, header.structure_id));
        Self { plan: header.plan.code.to_string(), seen: all, dates }
    }

    /// Those that this person sees, in order.
    pub fn seen(&self) -> &[Kept] {
        &self.seen
    }

    /// The dates they give to jalons.
    pub const fn dates(&self) -> &Dates {
        &self.dates
    }

    /// The marks beside a thing, in order.
    pub fn on(&self, subject: Subject, code: &str) -> Vec<Mark> {
        self.marks(subject, Some(code))
    }

    /// What a list shows beside a thing: what nobody settled, where there is no room for what is over.
    pub fn beside(&self, subject: Subject, code: &str) -> Option<Beside> {
        let open: Vec<Mark> = self.on(subject, code).into_iter().filter(|mark| mark.open).collect();
        let labels: Vec<String> = open.iter().map(|mark| format!("{} : {}", mark.code, mark.label)).collect();
        let (text, href) = match (open.as_slice(), subject) {
            ([], _) => return None,
            ([only], _) => ("réserve".to_owned(), only.href.clone()),
            (_, Subject::Indicator | Subject::Jalon | Subject::Post | Subject::BudgetLine) => {
                (format!("{} réserves", open.len()), format!("{}#reserves", href(&self.plan, subject, code)))
            }
            _ => (format!("{} réserves", open.len()), self.href()),
        };
        Some(Beside { text, href, labels: labels.join(" ; ") })
    }

    /// What nobody settled of the document as a whole.
    pub fn on_document(&self) -> Vec<Mark> {
        self.marks(Subject::Document, None).into_iter().filter(|mark| mark.open).collect()
    }

    fn marks(&self, subject: Subject, code: Option<&str>) -> Vec<Mark> {
        self.seen
            .iter()
            .filter(|kept| kept.reserve.is_shown_beside() && kept.reserve.is_on(subject, code))
            .map(|kept| mark(&self.plan, kept))
            .collect()
    }

    /// Those that the document caused and that nobody settled.
    pub fn open_of_document(&self) -> usize {
        self.seen.iter().filter(|kept| kept.reserve.origin == Origin::Document && kept.reserve.is_open()).count()
    }

    /// Where they are listed.
    pub fn href(&self) -> String {
        format!("/plans/{}/reserves", self.plan)
    }
}

/// The mark of a réserve.
pub fn mark(plan: &str, kept: &Kept) -> Mark {
    let reserve = &kept.reserve;
    let text = reserve.reading().map_or("", |it| it.text.as_str());
    Mark {
        code: reserve.code.to_string(),
        href: format!("/plans/{plan}/reserves/{}", reserve.code),
        label: reserve.label.clone(),
        reading: match &reserve.settlement {
            None => format!("Lecture en usage : {text}"),
            Some(it) => {
                format!("Lecture retenue le {} par {} : {text}", date::short(it.settled_on), it.settled_by)
            }
        },
        open: reserve.is_open(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    use crate::accounts::model::{Grant, Role, Scope};
    use crate::kernel::canonical;
    use crate::kernel::memory::Mark as Read;
    use crate::reserves::model::tests::signed;

    fn reserves(role: Role) -> Reserves {
        let document: serde_json::Value = serde_json::from_str(include_str!("../../demo/contrat-signe.json")).unwrap();
        let header = Header {
            id: 3,
            plan: canonical::from_text(&document["plan"].to_string()).unwrap(),
            structure_id: 7,
            structure: canonical::from_text(&document["structure"].to_string()).unwrap(),
            establishment: Arc::new(canonical::from_text(&document["establishment"].to_string()).unwrap()),
            closed: None,
            mark: Read::default(),
        };
        let grants = vec![Grant { role, scope: Scope::Establishment, starts_on: None, ends_on: None }];
        let user = User { account_id: 1, email: "x@demo.invalid".into(), function: "Fonction".into(), grants };
        let all =
            signed().into_iter().zip(0..).map(|(reserve, position)| Kept { reserve, version: 1, position }).collect();
        Reserves::of(&header, &user, all)
    }

    fn codes(marks: &[Mark]) -> Vec<&str> {
        marks.iter().map(|mark| mark.code.as_str()).collect()
    }

    #[test]
    fn what_the_document_caused_shows_beside_its_figure() {
        let all = reserves(Role::Pilotage);
        assert_eq!(codes(&all.on(Subject::Jalon, "J19")), ["R02"]);
        assert_eq!(codes(&all.on(Subject::Jalon, "J21")), ["R03", "R04"]);
        assert_eq!(codes(&all.on(Subject::Indicator, "18")), ["R38", "R50"]);
        assert_eq!(codes(&all.on(Subject::Request, "M5.1")), ["R70"]);
        assert_eq!(codes(&all.on(Subject::BudgetLine, "B1")), ["R77", "R78"]);
        // J17 comes from the conversion, and its lateness depends on it; J12 comes from it too, and nothing does.
        assert_eq!(codes(&all.on(Subject::Jalon, "J17.b")), ["R01"]);
        assert_eq!(codes(&all.on(Subject::Jalon, "J12")), Vec::<&str>::new());
        assert_eq!(all.on(Subject::Jalon, "J19")[0].reading, "Lecture en usage : Déc. 2026");
        assert_eq!((all.seen().len(), all.open_of_document()), (89, 70));
    }

    #[test]
    fn a_list_shows_one_word_however_many_there_are() {
        let all = reserves(Role::Pilotage);
        let beside = |subject, code| all.beside(subject, code).map(|it| (it.text, it.href));
        let base = "/plans/uca-iut-2021-2026";
        assert_eq!(beside(Subject::Jalon, "J19"), Some(("réserve".into(), format!("{base}/reserves/R02"))));
        assert_eq!(beside(Subject::Jalon, "J21"), Some(("2 réserves".into(), format!("{base}/jalons/J21#reserves"))));
        assert_eq!(beside(Subject::Jalon, "J18"), None);
        assert!(all.beside(Subject::Jalon, "J21").unwrap().labels.contains("R04 : J21"));
    }

    #[test]
    fn dates_are_the_same_for_all_and_marks_are_not() {
        let (pilotage, rh) = (reserves(Role::Pilotage), reserves(Role::Rh));
        assert_eq!(pilotage.dates(), rh.dates());
        assert_eq!(codes(&rh.on(Subject::BudgetLine, "B1")), Vec::<&str>::new());
        assert_eq!(codes(&rh.on(Subject::PostTable, "vacances")), ["R62", "R65"]);
    }
}
