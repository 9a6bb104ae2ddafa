//! The form of a new post line, and the demands listed apart from the tables.

use askama::Template;
use askama_web::WebTemplate;

use super::frame;
use super::line::State;
use crate::accounts::CurrentUser;
use crate::arbitrages::model::{State as Decision, Subject};
use crate::arbitrages::store::Dossier;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::posts::demand::counted;
use crate::posts::entry::{LineFields, Refusal};
use crate::posts::model::{Corps, Origin, Part, PostLine, TEXT_MAX};
use crate::web::page::{Choice, Page};

/// A demand of the director on posts.
pub struct DemandRow {
    /// Where it is.
    pub href: String,
    /// Its code.
    pub code: String,
    /// What is asked.
    pub asked: String,
    /// What the line said at first, when it changed.
    pub at_first: String,
    /// What became of it, a word a tag.
    pub tags: Vec<&'static str>,
    /// The decision in force.
    pub slug: &'static str,
    /// The decision in force.
    pub state: &'static str,
    /// It waits for a decision.
    pub pending: bool,
}

fn words(line: &PostLine) -> String {
    let year = line.year.map_or_else(|| "année non connue".into(), |year| year.to_string());
    let more = line.qualifier.as_ref().map(|text| format!(", {text}")).unwrap_or_default();
    format!("{} {}, {}, {year}{more}", line.count, line.corps.short(), line.part.short())
}

/// The lines that the tables count, and the demands listed apart.
pub fn sorted(plan: &str, lines: &[PostLine], dossier: &Dossier) -> (Vec<PostLine>, Vec<DemandRow>) {
    let (mut kept, mut demands) = (Vec::new(), Vec::new());
    for line in lines {
        let ledger = dossier.ledger(Subject::Post, &line.code);
        let course = dossier.course(Subject::Post, &line.code);
        kept.extend(counted(line, &ledger, &course));
        if course.steps.is_empty() {
            continue;
        }
        let now = line.amended(&course);
        let state = ledger.last().map_or(Decision::Undecided, |it| it.state);
        demands.push(DemandRow {
            href: Subject::Post.address(plan, line.code.as_str()),
            code: line.code.to_string(),
            at_first: if now == *line { String::new() } else { words(line) },
            asked: words(&now),
            tags: course.tags(),
            slug: state.slug(),
            state: state.label(),
            pending: course.is_pending(ledger.last().map(|it| it.rank)),
        });
    }
    (kept, demands)
}

/// The page of a new line.
#[derive(Template, WebTemplate)]
#[template(path = "posts/new_line.html")]
pub struct NewPostPage {
    page: Page,
    plan: String,
    years: String,
    asks: bool,
    fields: LineFields,
    state: State,
    origins: Vec<Choice>,
    corps: Vec<Choice>,
    parts: Vec<Choice>,
    objective_choices: Vec<Choice>,
    conflict: bool,
}

impl NewPostPage {
    /// The page, with what was typed.
    #[expect(clippy::too_many_arguments, reason = "a form and its refusals, for one of two kinds of people")]
    pub fn new(
        user: &CurrentUser,
        header: &Header,
        objectives: &[Node],
        asks: bool,
        fields: LineFields,
        origin: &str,
        refusals: Vec<Refusal>,
        conflict: bool,
    ) -> Self {
        let title = format!("Nouveau poste · {}", header.plan.name());
        let objective = |node: &Node| Choice {
            value: node.code.to_string(),
            label: format!("{} · {}", node.code, node.label),
            chosen: fields.objectives.iter().any(|code| code == node.code.as_str()),
        };
        Self {
            page: frame(user, header, None, title),
            plan: header.plan.code.to_string(),
            years: header.plan.years(),
            asks,
            state: State::refusing(refusals),
            origins: Choice::list(Origin::ALL, Origin::word, Origin::label, origin),
            corps: Choice::list(Corps::ALL, Corps::word, Corps::label, &fields.corps),
            parts: Choice::list(Part::ALL, Part::word, Part::label, &fields.part),
            objective_choices: objectives.iter().map(objective).collect(),
            fields,
            conflict,
        }
    }

    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
