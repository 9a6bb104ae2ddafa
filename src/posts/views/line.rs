//! One post line: what its template asks.

use askama::Template;
use askama_web::WebTemplate;

use super::frame;
use super::table::{Objective, objective};
use crate::access::Verdict;
use crate::accounts::CurrentUser;
use crate::arbitrages::case::Case;
use crate::arbitrages::entry::Matter;
use crate::arbitrages::model::{Arbitrage, Subject};
use crate::arbitrages::store::Dossier;
use crate::arbitrages::views::{Backs, File, Rights};
use crate::journal::model::Entry;
use crate::kernel::date;
use crate::plans::model::Node;
use crate::plans::store::Header;
use crate::posts::entry::{ConfidentialFields, LineFields, RealisationFields, Refusal};
use crate::posts::model::{Confidential, Corps, Part, PostLine, Realisation, TEXT_MAX};
use crate::posts::store::{KeptConfidential, KeptLine, Past};
use crate::posts::telling::{self, Told};
use crate::reserves::Mark;
use crate::web::page::{Choice, Page};

/// All that the page of a line is made of.
pub struct Loaded {
    /// The plan.
    pub header: Header,
    /// The line.
    pub kept: KeptLine,
    /// The plan's objectives, in order.
    pub objectives: Vec<Node>,
    /// Its entries in the plan's journal, newest first.
    pub history: Vec<Entry>,
    /// For those who may see them.
    pub confidential: Option<KeptConfidential>,
    /// What was said and decided in its plan.
    pub dossier: Dossier,
    /// The decisions on it, oldest first.
    pub ledger: Vec<Arbitrage>,
    /// What the document says of it in several ways.
    pub marks: Vec<Mark>,
}

impl Loaded {
    /// What is decided on.
    pub fn matter(&self) -> Matter<'_> {
        Matter {
            subject: Subject::Post,
            code: &self.kept.line.code,
            ledger: &self.ledger,
            conditions: &self.dossier.conditions,
        }
    }

    /// All that became of it.
    pub fn case(&self) -> Case<'_> {
        let code = &self.kept.line.code;
        Case {
            plan_id: self.header.id,
            plan: self.header.plan.code.to_string(),
            structure_id: self.header.structure_id,
            address: self.address(),
            of: format!("du poste {code}"),
            matter: self.matter(),
            course: self.dossier.course(Subject::Post, code),
            opinions: self.dossier.opinions_on(Subject::Post, code),
            original: self.kept.line.asked().named(),
            dialogue: self.dossier.dialogue,
            closed: self.header.closed,
        }
    }

    /// Where the page is.
    pub fn address(&self) -> String {
        Subject::Post.address(self.header.plan.code.as_str(), self.kept.line.code.as_str())
    }
}

/// What this person may do to the line.
pub struct LineRights {
    /// Correct it, remove it.
    pub keep: Verdict,
    /// What is done to any demand.
    pub shared: Rights,
}

/// Why a form came back.
pub enum Why {
    /// Refused at some fields.
    Refused(Vec<Refusal>),
    /// Somebody else changed the same thing meanwhile.
    Conflict,
}

/// The form that came back, with what was typed.
pub enum Back {
    /// None: the page is only read.
    None,
    /// The line.
    Line(LineFields, Why),
    /// Its realisation.
    Realisation(RealisationFields, Why),
    /// Its confidential fields.
    Confidential(ConfidentialFields, Why),
    /// A decision, an avis or a withdrawal, and whether somebody else was first.
    Shared(Box<Backs>, bool),
    /// An amendment.
    Amendment(LineFields, Why),
    /// Its removal, with the reason typed.
    Removal(String, Why),
}

impl Back {
    /// Somebody else was first.
    pub const fn is_conflict(&self) -> bool {
        match self {
            Self::None => false,
            Self::Line(_, why)
            | Self::Realisation(_, why)
            | Self::Confidential(_, why)
            | Self::Amendment(_, why)
            | Self::Removal(_, why) => matches!(why, Why::Conflict),
            Self::Shared(_, conflict) => *conflict,
        }
    }
}

/// A field on which two people disagree.
pub struct Side {
    label: &'static str,
    mine: String,
    theirs: String,
    original: String,
}

/// Two people, one thing.
pub struct Conflict {
    who: String,
    iso: String,
    when: String,
    sides: Vec<Side>,
}

/// A form: its refusals or its conflict.
#[derive(Default)]
pub struct State {
    refusals: Vec<Refusal>,
    conflict: Option<Conflict>,
}

impl State {
    /// Refused at some fields.
    pub fn refusing(refusals: Vec<Refusal>) -> Self {
        Self { refusals, conflict: None }
    }

    /// Something is refused.
    pub fn is_refused(&self) -> bool {
        !self.refusals.is_empty()
    }

    /// The sentence beside a field.
    pub fn refused(&self, at: &str) -> &str {
        self.refusals.iter().find(|it| it.at == at).map_or("", |it| it.sentence.as_str())
    }
}

/// The confidential block.
pub struct ConfidentialView {
    facts: Vec<(&'static str, String)>,
    history: Vec<Told>,
    fields: ConfidentialFields,
    state: State,
}

/// What a line is, as its page lists it.
fn facts(line: &PostLine) -> Vec<(&'static str, String)> {
    let year = line.year.map_or_else(|| "non connue".into(), |year| year.to_string());
    let mut facts = vec![
        ("Origine", line.origin.label().to_owned()),
        ("Année", year),
        ("Part", line.part.label().to_owned()),
        ("Corps", line.corps.label().to_owned()),
        ("Nombre", line.count.to_string()),
    ];
    let mut said = |label, text: &Option<String>| facts.extend(text.clone().map(|text| (label, text)));
    said("Année imprimée", &line.year_printed);
    said("Précision", &line.qualifier);
    said("Financement", &line.funding);
    said("Imprimé aussi", &line.also_printed_in);
    if line.structuring {
        facts.push(("Structurant", "oui, compté une seule fois".into()));
    }
    facts
}

/// The form of an amendment.
struct Amending {
    fields: LineFields,
    state: State,
    /// Another step was written meanwhile.
    conflict: bool,
}

/// The form of a removal.
#[derive(Default)]
struct Removal {
    reason: String,
    /// The sentence beside it.
    refused: String,
    /// The line changed meanwhile.
    conflict: bool,
}

/// The page.
#[derive(Template, WebTemplate)]
#[template(path = "posts/line.html")]
pub struct LinePage {
    page: Page,
    plan: String,
    years: String,
    code: String,
    subtitle: String,
    stage: &'static str,
    slug: &'static str,
    facts: Vec<(&'static str, String)>,
    objectives: Vec<Objective>,
    aimless: bool,
    provenance: Option<String>,
    history: Vec<Told>,
    editable: bool,
    verdict: String,
    fields: LineFields,
    state: State,
    realisation: RealisationFields,
    realisation_state: State,
    objective_choices: Vec<Choice>,
    confidential: Option<ConfidentialView>,
    file: File,
    tags: Vec<&'static str>,
    /// The form of an amendment.
    amending: Amending,
    removal: Removal,
    marks: Vec<Mark>,
}

fn confidential_named(it: &Confidential) -> [(&'static str, String); 3] {
    [
        ("numéro de support", it.support_number.clone().unwrap_or_default()),
        ("raison du départ", it.departure_reason.clone().unwrap_or_default()),
        ("date du départ", it.departure_on.map(date::short).unwrap_or_default()),
    ]
}

/// Keeps the fields on which they differ.
fn sides(
    mine: &[(&'static str, String)],
    theirs: &[(&'static str, String)],
    original: &[(&'static str, String)],
) -> Vec<Side> {
    mine.iter()
        .zip(theirs)
        .enumerate()
        .filter(|(_, ((_, mine), (_, theirs)))| mine != theirs)
        .map(|(place, ((label, mine), (_, theirs)))| Side {
            label,
            mine: mine.clone(),
            theirs: theirs.clone(),
            original: original.get(place).map(|(_, text)| text.clone()).unwrap_or_default(),
        })
        .collect()
}

/// The disagreement about a line: mine, theirs, and what both had under their eyes.
fn conflict(
    loaded: &Loaded,
    shown: i32,
    mine: &[(&'static str, String)],
    named: impl Fn(&LineFields) -> Vec<(&'static str, String)>,
) -> Conflict {
    let of = |line: &PostLine| named(&LineFields::of(line, 0));
    let theirs = of(&loaded.kept.line);
    let original = loaded
        .history
        .iter()
        .find(|entry| entry.version == shown)
        .and_then(|entry| telling::line(entry.after.as_ref()))
        .map(|line| of(&line))
        .unwrap_or_default();
    let last = loaded.history.first();
    Conflict {
        who: last.map(|entry| entry.actor.clone()).unwrap_or_default(),
        iso: last.map(|entry| date::machine(entry.at)).unwrap_or_default(),
        when: last.map(|entry| date::time(entry.at)).unwrap_or_default(),
        sides: sides(mine, &theirs, &original),
    }
}

fn realisation_conflict(loaded: &Loaded, fields: &RealisationFields) -> Conflict {
    let original = loaded
        .history
        .iter()
        .find(|entry| entry.version == fields.version)
        .and_then(|entry| telling::line(entry.after.as_ref()))
        .map(|line| line.realisation.label().to_owned());
    let about = conflict(loaded, fields.version, &[], |_| Vec::new());
    let side = Side {
        label: "réalisation",
        mine: Realisation::from_word(&fields.realisation)
            .map_or_else(|| fields.realisation.clone(), |it| it.label().into()),
        theirs: loaded.kept.line.realisation.label().into(),
        original: original.unwrap_or_default(),
    };
    Conflict { sides: vec![side], ..about }
}

fn confidential_conflict(kept: &KeptConfidential, fields: &ConfidentialFields) -> Conflict {
    let mine = [
        ("numéro de support", fields.support_number.clone()),
        ("raison du départ", fields.departure_reason.clone()),
        ("date du départ", fields.departure_on.parse().map_or_else(|_| fields.departure_on.clone(), date::short)),
    ];
    let original = kept.history.iter().find(|past| past.version == fields.version);
    let original = original.map(|past| confidential_named(&past.fields).to_vec()).unwrap_or_default();
    let last = kept.history.first();
    Conflict {
        who: last.map(|past| past.actor.clone()).unwrap_or_default(),
        iso: last.map(|past| date::machine(past.at)).unwrap_or_default(),
        when: last.map(|past| date::time(past.at)).unwrap_or_default(),
        sides: sides(&mine, &confidential_named(&kept.fields), &original),
    }
}

/// A state and the one before it, told as what changed.
fn past(past: &Past, before: Option<&Past>) -> Told {
    let none = Confidential::default();
    let was = confidential_named(before.map_or(&none, |before| &before.fields));
    let fields = was
        .into_iter()
        .zip(confidential_named(&past.fields))
        .filter(|((_, before), (_, after))| before != after)
        .map(|((label, before), (_, after))| telling::FieldChange { label, before, after })
        .collect();
    Told {
        fields,
        iso: date::machine(past.at),
        when: date::time(past.at),
        who: past.actor.clone(),
        origin: String::new(),
        reason: String::new(),
    }
}

impl ConfidentialView {
    fn new(kept: &KeptConfidential) -> Self {
        Self {
            facts: ["Numéro de support", "Raison du départ", "Date du départ"]
                .into_iter()
                .zip(confidential_named(&kept.fields))
                .map(|(label, (_, text))| (label, if text.is_empty() { "non renseigné".into() } else { text }))
                .collect(),
            history: kept.history.iter().enumerate().map(|(at, it)| past(it, kept.history.get(at + 1))).collect(),
            fields: ConfidentialFields::of(&kept.fields, kept.version),
            state: State::default(),
        }
    }

    /// What was typed comes back, over the version that is there now when somebody else was first.
    fn back(self, kept: &KeptConfidential, fields: ConfidentialFields, why: Why) -> Self {
        match why {
            Why::Refused(refusals) => Self { fields, state: State { refusals, conflict: None }, ..self },
            Why::Conflict => {
                let conflict = confidential_conflict(kept, &fields);
                let fields = ConfidentialFields { version: kept.version, ..fields };
                Self { fields, state: State { refusals: Vec::new(), conflict: Some(conflict) }, ..self }
            }
        }
    }
}

impl LinePage {
    /// The page of a line, with the form that came back if one did.
    pub fn new(user: &CurrentUser, loaded: &Loaded, rights: &LineRights, back: Back) -> Self {
        let Loaded { header, kept, .. } = loaded;
        let line = &kept.line;
        let plan = header.plan.code.to_string();
        let case = loaded.case();
        let mut shared = Backs::default();
        let mut amending = Amending {
            fields: LineFields { reason: String::new(), ..LineFields::of(&line.amended(&case.course), 0) },
            state: State::default(),
            conflict: false,
        };
        let mut removal = Removal::default();
        let mut fields = LineFields::of(line, kept.version);
        let mut realisation = RealisationFields::of(line, kept.version);
        let (mut state, mut realisation_state) = (State::default(), State::default());
        let mut confidential = loaded.confidential.as_ref().map(ConfidentialView::new);
        match back {
            Back::None => {}
            Back::Line(typed, Why::Refused(refusals)) => (fields, state.refusals) = (typed, refusals),
            Back::Line(typed, Why::Conflict) => {
                state.conflict = Some(conflict(loaded, typed.version, &typed.named(), |it| it.named().to_vec()));
                fields = LineFields { version: kept.version, ..typed };
            }
            Back::Realisation(typed, Why::Refused(refusals)) => {
                (realisation, realisation_state.refusals) = (typed, refusals);
            }
            Back::Realisation(typed, Why::Conflict) => {
                realisation_state.conflict = Some(realisation_conflict(loaded, &typed));
                realisation = RealisationFields { version: kept.version, ..typed };
            }
            Back::Confidential(typed, why) => {
                confidential =
                    confidential.zip(loaded.confidential.as_ref()).map(|(view, kept)| view.back(kept, typed, why));
            }
            Back::Shared(backs, _) => shared = *backs,
            Back::Amendment(fields, why) => {
                let conflict = matches!(why, Why::Conflict);
                let state = match why {
                    Why::Refused(refusals) => State::refusing(refusals),
                    Why::Conflict => State::default(),
                };
                amending = Amending { fields, state, conflict };
            }
            Back::Removal(reason, Why::Refused(refusals)) => {
                let refused = refusals.into_iter().map(|it| it.sentence).next().unwrap_or_default();
                removal = Removal { reason, refused, conflict: false };
            }
            Back::Removal(reason, Why::Conflict) => removal = Removal { reason, conflict: true, ..Removal::default() },
        }
        let objective_choices = loaded
            .objectives
            .iter()
            .map(|node| Choice {
                value: node.code.to_string(),
                label: format!("{} · {}", node.code, node.label),
                chosen: fields.objectives.iter().any(|code| code == node.code.as_str()),
            })
            .collect();
        Self {
            page: frame(user, header, kept.campaign, format!("Poste {} · {}", line.code, header.plan.name())),
            years: header.plan.years(),
            code: line.code.to_string(),
            subtitle: format!("{} · {} · part {}", line.corps.label(), line.origin.label(), line.part.label()),
            stage: line.realisation.label(),
            slug: line.realisation.slug(),
            facts: facts(line),
            objectives: line
                .objectives
                .iter()
                .map(|code| objective(&plan, code.as_str(), &loaded.objectives))
                .collect(),
            aimless: crate::posts::tables::aimless().keeps(line),
            provenance: line.provenance.clone(),
            history: loaded.history.iter().map(telling::told).collect(),
            tags: case.course.tags(),
            file: File::new(&case, &rights.shared, shared),
            amending,
            removal,
            editable: rights.keep.allowed(),
            verdict: rights.keep.sentence(),
            fields,
            state,
            realisation,
            realisation_state,
            objective_choices,
            confidential,
            marks: loaded.marks.clone(),
            plan,
        }
    }

    fn corps(&self) -> Vec<Choice> {
        Choice::list(Corps::ALL, Corps::word, Corps::label, &self.fields.corps)
    }

    fn parts(&self) -> Vec<Choice> {
        Choice::list(Part::ALL, Part::word, Part::label, &self.fields.part)
    }

    fn stages(&self) -> Vec<Choice> {
        Choice::list(Realisation::ALL, Realisation::word, Realisation::label, &self.realisation.realisation)
    }

    /// Longest text, for the fields.
    const fn text_max(&self) -> usize {
        TEXT_MAX
    }
}
