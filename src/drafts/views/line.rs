//! One line of the workshop's lists: what an element is called, and what is said of it in a few words.

use crate::document::model::{Document, Element};
use crate::drafts::parts::Part;
use crate::indicators::model::Figure;
use crate::kernel::figure::Answer;
use crate::kernel::{date, figure, money};

/// Longest text shown of an element, in characters.
const SHOWN_MAX: usize = 140;

/// An element, in its list.
pub struct Line {
    /// Its code.
    pub code: String,
    /// What it is called.
    pub title: String,
    /// What is said of it.
    pub detail: String,
    /// How far it stands from the margin.
    pub depth: usize,
    /// The code of what it stands under: it moves among those that share it.
    pub under: String,
    /// Nothing stands above it among them.
    pub first: bool,
    /// Nothing stands below it among them.
    pub last: bool,
    /// What may be added under it: label, list, field.
    pub adds: Vec<(String, &'static str)>,
}

fn short(text: &str) -> String {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn joined(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

fn figured(name: &str, figure: Option<&Figure>) -> String {
    let shown = match figure.and_then(Figure::answer) {
        Some(Answer::Value(value)) => figure::show(value),
        Some(Answer::NotProvided) => "NR".into(),
        Some(Answer::NotApplicable) => "NA".into(),
        None => return format!("sans {name}"),
    };
    format!("{name} {shown}")
}

fn codes<T: ToString>(list: &[T]) -> String {
    list.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The lines of a part.
pub fn lines(document: &Document, part: &'static Part) -> Vec<Line> {
    let elements = document.elements();
    let mut lines: Vec<Line> =
        elements.iter().filter(|it| it.element.kind() == part.kind).map(|it| line(document, &it.element)).collect();
    let unders: Vec<String> = lines.iter().map(|it| it.under.clone()).collect();
    for (at, line) in lines.iter_mut().enumerate() {
        line.first = !unders[..at].contains(&line.under);
        line.last = !unders[at + 1..].contains(&line.under);
    }
    lines
}

fn line(document: &Document, element: &Element) -> Line {
    let (title, detail, under) = told(document, element);
    Line {
        code: element.code(),
        title: short(&title),
        detail: short(&detail),
        depth: depth(element),
        under,
        first: false,
        last: false,
        adds: adds(document, element),
    }
}

fn depth(element: &Element) -> usize {
    match element {
        Element::Node(it) => usize::try_from(it.level).unwrap_or(1).saturating_sub(1).min(5),
        Element::Jalon(it) => usize::from(it.parent.is_some()),
        _ => 0,
    }
}

/// What its form offers to add under it.
fn adds(document: &Document, element: &Element) -> Vec<(String, &'static str)> {
    let levels = &document.plan.levels;
    match element {
        Element::Node(it) => usize::try_from(it.level)
            .ok()
            .and_then(|level| levels.get(level))
            .map(|name| (format!("Ajouter dessous : {}", name.to_lowercase()), "nodes"))
            .into_iter()
            .collect(),
        Element::Indicator(it) => {
            let measured = document.measures.iter().any(|measure| measure.indicator == it.code);
            (it.is_group || !measured).then(|| ("Ajouter une mesure".to_owned(), "measures")).into_iter().collect()
        }
        Element::Jalon(it) if it.is_group => vec![("Ajouter un jalon".to_owned(), "jalons")],
        Element::Heading(_) => {
            vec![("Ajouter une action".to_owned(), "actions"), ("Ajouter une demande".to_owned(), "requests")]
        }
        Element::Request(_) => vec![("Ajouter une enveloppe".to_owned(), "envelopes")],
        _ => Vec::new(),
    }
}

/// Title, details, and the code of what it stands under.
fn told(document: &Document, element: &Element) -> (String, String, String) {
    let alone = String::new;
    let under = |code: Option<&crate::kernel::ids::Code>| code.map(ToString::to_string).unwrap_or_default();
    match element {
        Element::Section(it) => (it.title.clone(), it.body.lines().next().unwrap_or_default().to_owned(), alone()),
        Element::Step(it) => {
            let day = it.held_on.map_or_else(|| "date non renseignée".to_owned(), date::short);
            (it.label.clone(), joined([Some(it.act.label().to_owned()), Some(it.body.clone()), Some(day)]), alone())
        }
        Element::Node(it) => {
            let level = usize::try_from(it.level - 1).ok().and_then(|at| document.plan.levels.get(at)).cloned();
            let rows = (!it.framework_rows.is_empty()).then(|| format!("décline {}", codes(&it.framework_rows)));
            (it.label.clone(), joined([level, rows]), under(it.parent.as_ref()))
        }
        Element::Indicator(it) => {
            let group = it.is_group.then(|| "groupe".to_owned());
            let period = Some(it.period_kind.label().to_owned());
            (it.label.clone(), joined([Some(it.node.to_string()), group, Some(it.unit.clone()), period]), alone())
        }
        Element::Measure(it) => {
            let target = document.targets.iter().filter(|target| target.measure == it.code).max_by_key(|it| it.rank);
            let figures = [
                Some(format!("indicateur {}", it.indicator)),
                Some(figured("référence", it.reference.as_ref())),
                Some(figured("cible", target.map(|it| &it.figure))),
                Some(it.direction.label().to_owned()),
                Some(it.nature.label().to_owned()),
            ];
            (it.label.clone(), joined(figures), it.indicator.to_string())
        }
        Element::Jalon(it) => {
            let due = it.due_on.map(date::short).or_else(|| it.condition.clone());
            let due = if it.is_group { Some("groupe".to_owned()) } else { due };
            let title = it.label.clone().unwrap_or_else(|| it.code.to_string());
            (title, joined([Some(it.node.to_string()), due, Some(it.owners.join(", "))]), under(it.parent.as_ref()))
        }
        Element::Heading(it) => (it.title.clone(), String::new(), alone()),
        Element::Action(it) => {
            let heading = Some(format!("rubrique {}", it.heading));
            (it.label.clone(), joined([heading, it.owner.clone()]), it.heading.to_string())
        }
        Element::Request(it) => {
            let heading = it.heading.as_ref().map(|it| format!("rubrique {it}"));
            (it.label.clone(), joined([heading, it.node.as_ref().map(ToString::to_string)]), alone())
        }
        Element::Envelope(it) => {
            let ceiling = format!("{} {}", figure::show(it.ceiling), it.unit);
            (it.label.clone(), joined([Some(format!("demande {}", it.request)), Some(ceiling)]), alone())
        }
        Element::Commitment(it) => (it.text.clone(), it.volet.clone(), alone()),
        Element::Condition(it) => (it.text.clone(), it.scope.label().to_owned(), alone()),
        Element::BudgetLine(it) => {
            let cost = it.cost.map_or_else(|| "coût à estimer".to_owned(), money::show_euros);
            let nodes = if it.nodes.is_empty() { "non rattachée".to_owned() } else { codes(&it.nodes) };
            (it.label.clone(), joined([Some(it.category.clone()), Some(cost), Some(nodes)]), alone())
        }
        Element::PostLine(it) => {
            let year = it.year.map_or_else(|| "année non connue".to_owned(), |year| year.to_string());
            let title = format!("{} {}", it.count, it.corps.label());
            (title, joined([Some(it.origin.label().to_owned()), Some(year), Some(it.part.label().to_owned())]), alone())
        }
        Element::Potential(it) => {
            let departures =
                format!("{} départs certains, {} possibles", figure::show(it.certain), figure::show(it.possible));
            (it.title.clone(), departures, alone())
        }
        other => (other.code(), String::new(), alone()),
    }
}
