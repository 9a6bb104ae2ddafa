//! The document, the elements it is made of, what makes it acceptable, and the differences between two of them.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use rust_decimal::Decimal;
use serde_json::Value;

use crate::arbitrages::{Arbitrage, Condition, Subject};
use crate::budget::model::{BudgetLine, BudgetTotals, TOTALS_CODE};
use crate::commitments::model::{Action, Commitment, Envelope, Heading, Request};
use crate::indicators::model::{self as indicators, Cell, Figure, Indicator, Measure, Target};
use crate::indicators::progress::{Direction, Nature};
use crate::jalons::model::Jalon;
use crate::kernel::canonical::{Canonical, Problem, Reader};
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::period::{self, Period};
use crate::plans::model::{AdoptionStep, Establishment, FrameworkRow, Node, Plan, Section, Structure};
use crate::posts::model::{self as posts, Origin, PostLine, PostTable, Potential};
use crate::{record, words};

/// Largest file accepted, in bytes: fifty times the real contract.
pub const FILE_MAX: usize = 16 * 1024 * 1024;

words! {
    /// Every schema version ever released; each imports for ever.
    pub enum Schema {
        /// Framework, tree, indicators, measures, targets, cells.
        V1 = "cpom-1",
        /// And the jalons, the posts, the budget with its decisions. A list added since the first version may be absent.
        V2 = "cpom-2",
    }
}

record! {
    /// A plan, whole. Arrays are in the order shown on screen; targets and cells follow their measures.
    pub struct Document {
        /// Version of this shape.
        pub schema: Schema,
        /// The university.
        pub establishment: Establishment,
        /// Its framework.
        pub framework: Vec<FrameworkRow>,
        /// The structure that signs.
        pub structure: Structure,
        /// The contract itself.
        pub plan: Plan,
        /// Texts.
        pub sections: Vec<Section>,
        /// Adoption.
        pub steps: Vec<AdoptionStep>,
        /// The tree, parents before children.
        pub nodes: Vec<Node>,
        /// Fiches.
        pub indicators: Vec<Indicator>,
        /// What they measure.
        pub measures: Vec<Measure>,
        /// What is aimed at.
        pub targets: Vec<Target>,
        /// Situations.
        pub cells: Vec<Cell>,
        /// Posts.
        pub posts: Vec<PostLine>,
        /// The tables printed of them.
        pub post_tables: Vec<PostTable>,
        /// Recruitment potential.
        pub potential: Vec<Potential>,
        /// Headings of the structure's commitments.
        pub headings: Vec<Heading>,
        /// What it does under them.
        pub actions: Vec<Action>,
        /// The means asked for.
        pub requests: Vec<Request>,
        /// Ceilings in other units than euros.
        pub envelopes: Vec<Envelope>,
        /// What the establishment commits to.
        pub commitments: Vec<Commitment>,
        /// What decisions depend on.
        pub conditions: Vec<Condition>,
        /// Requests in money.
        pub budget: Vec<BudgetLine>,
        /// The totals printed under them.
        pub budget_totals: Option<BudgetTotals>,
        /// Decisions, by subject, code and rank.
        pub arbitrages: Vec<Arbitrage>,
        /// Jalons, groups before their leaves.
        pub jalons: Vec<Jalon>,
    }
}

words! {
    /// What an element is: its kind in the journal, in the order in which elements are written to the database.
    pub enum Kind {
        /// See [`Establishment`].
        Establishment = "etablissement",
        /// See [`FrameworkRow`].
        FrameworkRow = "cadre",
        /// See [`Structure`].
        Structure = "structure",
        /// See [`Plan`].
        Plan = "contrat",
        /// See [`Section`].
        Section = "section",
        /// See [`AdoptionStep`].
        Step = "adoption",
        /// See [`Node`].
        Node = "objectif",
        /// See [`Indicator`].
        Indicator = "indicateur",
        /// See [`Measure`].
        Measure = "mesure",
        /// See [`Target`].
        Target = "cible",
        /// See [`Cell`].
        Cell = "situation",
        /// See [`PostLine`].
        PostLine = "poste",
        /// See [`PostTable`].
        PostTable = "tableau_postes",
        /// See [`Potential`].
        Potential = "potentiel",
        /// See [`Heading`].
        Heading = "volet",
        /// See [`Action`].
        Action = "action",
        /// See [`Request`].
        Request = "demande",
        /// See [`Envelope`].
        Envelope = "enveloppe",
        /// See [`Commitment`].
        Commitment = "engagement",
        /// See [`Condition`].
        Condition = "condition",
        /// See [`BudgetLine`].
        BudgetLine = "budget",
        /// See [`BudgetTotals`].
        BudgetTotals = "totaux_budget",
        /// See [`Arbitrage`].
        Arbitrage = "arbitrage",
        /// See [`Jalon`].
        Jalon = "jalon",
    }
}

impl Schema {
    /// The version that exports write.
    pub const CURRENT: Self = Self::V2;
}

impl Kind {
    /// Elements of the establishment are shared by every plan: the journal keeps them outside any.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Establishment | Self::FrameworkRow | Self::Structure)
    }
}

/// One element of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant names its own shape")]
pub enum Element {
    Establishment(Establishment),
    FrameworkRow(FrameworkRow),
    Structure(Structure),
    Plan(Plan),
    Section(Section),
    Step(AdoptionStep),
    Node(Node),
    Indicator(Indicator),
    Measure(Measure),
    Target(Target),
    Cell(Cell),
    PostLine(PostLine),
    PostTable(PostTable),
    Potential(Potential),
    Heading(Heading),
    Action(Action),
    Request(Request),
    Envelope(Envelope),
    Commitment(Commitment),
    Condition(Condition),
    BudgetLine(BudgetLine),
    BudgetTotals(BudgetTotals),
    Arbitrage(Arbitrage),
    Jalon(Jalon),
}

/// Applies one expression to whatever shape the element holds.
macro_rules! each {
    ($element:expr, $shape:ident => $body:expr) => {
        match $element {
            Element::Establishment($shape) => $body,
            Element::FrameworkRow($shape) => $body,
            Element::Structure($shape) => $body,
            Element::Plan($shape) => $body,
            Element::Section($shape) => $body,
            Element::Step($shape) => $body,
            Element::Node($shape) => $body,
            Element::Indicator($shape) => $body,
            Element::Measure($shape) => $body,
            Element::Target($shape) => $body,
            Element::Cell($shape) => $body,
            Element::PostLine($shape) => $body,
            Element::PostTable($shape) => $body,
            Element::Potential($shape) => $body,
            Element::Heading($shape) => $body,
            Element::Action($shape) => $body,
            Element::Request($shape) => $body,
            Element::Envelope($shape) => $body,
            Element::Commitment($shape) => $body,
            Element::Condition($shape) => $body,
            Element::BudgetLine($shape) => $body,
            Element::BudgetTotals($shape) => $body,
            Element::Arbitrage($shape) => $body,
            Element::Jalon($shape) => $body,
        }
    };
}

impl Element {
    /// Its kind.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Establishment(_) => Kind::Establishment,
            Self::FrameworkRow(_) => Kind::FrameworkRow,
            Self::Structure(_) => Kind::Structure,
            Self::Plan(_) => Kind::Plan,
            Self::Section(_) => Kind::Section,
            Self::Step(_) => Kind::Step,
            Self::Node(_) => Kind::Node,
            Self::Indicator(_) => Kind::Indicator,
            Self::Measure(_) => Kind::Measure,
            Self::Target(_) => Kind::Target,
            Self::Cell(_) => Kind::Cell,
            Self::PostLine(_) => Kind::PostLine,
            Self::PostTable(_) => Kind::PostTable,
            Self::Potential(_) => Kind::Potential,
            Self::Heading(_) => Kind::Heading,
            Self::Action(_) => Kind::Action,
            Self::Request(_) => Kind::Request,
            Self::Envelope(_) => Kind::Envelope,
            Self::Commitment(_) => Kind::Commitment,
            Self::Condition(_) => Kind::Condition,
            Self::BudgetLine(_) => Kind::BudgetLine,
            Self::BudgetTotals(_) => Kind::BudgetTotals,
            Self::Arbitrage(_) => Kind::Arbitrage,
            Self::Jalon(_) => Kind::Jalon,
        }
    }

    /// Its code, unique among its kind in a plan.
    pub fn code(&self) -> String {
        match self {
            Self::Establishment(it) => it.code.to_string(),
            Self::FrameworkRow(it) => it.code.to_string(),
            Self::Structure(it) => it.code.to_string(),
            Self::Plan(it) => it.code.to_string(),
            Self::Section(it) => it.code.to_string(),
            Self::Step(it) => it.code.to_string(),
            Self::Node(it) => it.code.to_string(),
            Self::Indicator(it) => it.code.to_string(),
            Self::Measure(it) => it.code.to_string(),
            Self::Target(it) => format!("{}/{}", it.measure, it.rank),
            Self::Cell(it) => format!("{}/{}", it.measure, it.period),
            Self::PostLine(it) => it.code.to_string(),
            Self::PostTable(it) => it.code.to_string(),
            Self::Potential(it) => it.code.to_string(),
            Self::Heading(it) => it.code.to_string(),
            Self::Action(it) => it.code.to_string(),
            Self::Request(it) => it.code.to_string(),
            Self::Envelope(it) => it.code.to_string(),
            Self::Commitment(it) => it.code.to_string(),
            Self::Condition(it) => it.code.to_string(),
            Self::BudgetLine(it) => it.code.to_string(),
            Self::BudgetTotals(_) => TOTALS_CODE.into(),
            Self::Arbitrage(it) => it.key(),
            Self::Jalon(it) => it.code.to_string(),
        }
    }

    /// Its whole state, as the document writes it.
    pub fn state(&self) -> Value {
        each!(self, shape => shape.write())
    }
}

/// An element at its place among its kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The element.
    pub element: Element,
    /// 0, 1, 2…
    pub position: i32,
}

/// One difference between two documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind of the element.
    pub kind: Kind,
    /// Its code.
    pub code: String,
    /// As it was; `None` when it was not there.
    pub before: Option<Element>,
    /// As it becomes; `None` when it goes.
    pub after: Option<Placed>,
}

impl Document {
    /// Parses a file and checks it whole.
    ///
    /// # Errors
    /// Every problem found, each with its place, in French.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Problem>> {
        let whole = |sentence: String| vec![Problem { place: "fichier".into(), sentence }];
        if bytes.len() > FILE_MAX {
            return Err(whole(format!("le fichier dépasse {} Mo.", FILE_MAX / 1024 / 1024)));
        }
        let mut value: Value = serde_json::from_slice(bytes).map_err(|error| {
            whole(format!(
                "ce n’est pas un document JSON lisible : ligne {}, colonne {}.",
                error.line(),
                error.column()
            ))
        })?;
        propose(&mut value);
        let mut reader = Reader::default();
        let document = Self::read(&value, &mut reader);
        if let Some(document) = &document {
            document.check(&mut reader);
        }
        let problems = reader.into_problems();
        match document {
            Some(mut document) if problems.is_empty() => {
                document.sort();
                // Whatever version came in, what is written is the latest.
                document.schema = Schema::CURRENT;
                Ok(document)
            }
            _ => Err(problems),
        }
    }

    /// The canonical bytes: two-space indentation, fixed key order, final newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{:#}\n", self.write()).into_bytes()
    }

    /// Targets and cells follow their measures: the one order that is computed, whatever the file's.
    pub fn sort(&mut self) {
        let rank: HashMap<&Code, usize> =
            self.measures.iter().enumerate().map(|(rank, measure)| (&measure.code, rank)).collect();
        let of = |measure: &Code| rank.get(measure).copied().unwrap_or(usize::MAX);
        self.targets.sort_by_key(|target| (of(&target.measure), target.rank));
        self.cells.sort_by_key(|cell| (of(&cell.measure), cell.period));
        self.cells.retain(|cell| !cell.is_blank());
        self.budget.iter_mut().for_each(BudgetLine::sort);
        Arbitrage::sort(&mut self.arbitrages);
    }

    /// Every element at its place, in writing order.
    pub fn elements(&self) -> Vec<Placed> {
        fn placed<T: Clone>(list: &[T], wrap: fn(T) -> Element) -> impl Iterator<Item = Placed> {
            list.iter().zip(0..).map(move |(item, position)| Placed { element: wrap(item.clone()), position })
        }
        let single = |element| Placed { element, position: 0 };
        std::iter::once(single(Element::Establishment(self.establishment.clone())))
            .chain(placed(&self.framework, Element::FrameworkRow))
            .chain([single(Element::Structure(self.structure.clone())), single(Element::Plan(self.plan.clone()))])
            .chain(placed(&self.sections, Element::Section))
            .chain(placed(&self.steps, Element::Step))
            .chain(placed(&self.nodes, Element::Node))
            .chain(placed(&self.indicators, Element::Indicator))
            .chain(placed(&self.measures, Element::Measure))
            .chain(placed(&self.targets, Element::Target))
            .chain(placed(&self.cells, Element::Cell))
            .chain(placed(&self.posts, Element::PostLine))
            .chain(placed(&self.post_tables, Element::PostTable))
            .chain(placed(&self.potential, Element::Potential))
            .chain(placed(&self.headings, Element::Heading))
            .chain(placed(&self.actions, Element::Action))
            .chain(placed(&self.requests, Element::Request))
            .chain(placed(&self.envelopes, Element::Envelope))
            .chain(placed(&self.commitments, Element::Commitment))
            .chain(placed(&self.conditions, Element::Condition))
            .chain(placed(&self.budget, Element::BudgetLine))
            .chain(self.budget_totals.clone().map(Element::BudgetTotals).map(single))
            .chain(placed(&self.arbitrages, Element::Arbitrage))
            .chain(placed(&self.jalons, Element::Jalon))
            .collect()
    }

    /// What must change to go from `before` (nothing for a new plan) to this document, in writing order: what is put
    /// first, parents before children, then what goes, children before parents. Elements are matched by kind and code.
    pub fn changes_from(&self, before: &[Placed]) -> Vec<Change> {
        let key = |placed: &Placed| (placed.element.kind(), placed.element.code());
        let old: HashMap<_, _> = before.iter().map(|placed| (key(placed), placed)).collect();
        let new = self.elements();
        let kept: HashSet<_> = new.iter().map(key).collect();
        let moves = |kind| !matches!(kind, Kind::Target | Kind::Cell | Kind::Arbitrage);
        let put = new.into_iter().filter_map(|placed| {
            let (kind, code) = key(&placed);
            let was = old.get(&(kind, code.clone())).copied();
            let same = was
                .is_some_and(|was| was.element == placed.element && (was.position == placed.position || !moves(kind)));
            (!same).then(|| Change { kind, code, before: was.map(|was| was.element.clone()), after: Some(placed) })
        });
        let gone = before.iter().rev().filter_map(|placed| {
            let (kind, code) = key(placed);
            (!kept.contains(&(kind, code.clone()))).then(|| Change {
                kind,
                code,
                before: Some(placed.element.clone()),
                after: None,
            })
        });
        put.chain(gone).collect()
    }

    /// What holds between elements, once each is well-formed by itself.
    fn check(&self, reader: &mut Reader) {
        unique(reader, "framework", self.framework.iter().map(|it| &it.code));
        unique(reader, "structure.sites", self.structure.sites.iter().map(|it| &it.code));
        unique(reader, "sections", self.sections.iter().map(|it| &it.code));
        unique(reader, "steps", self.steps.iter().map(|it| &it.code));
        unique(reader, "nodes", self.nodes.iter().map(|it| &it.code));
        unique(reader, "indicators", self.indicators.iter().map(|it| &it.code));
        unique(reader, "measures", self.measures.iter().map(|it| &it.code));
        unique(reader, "targets", self.targets.iter().map(|it| (&it.measure, it.rank)).map(Pair));
        unique(reader, "cells", self.cells.iter().map(|it| (&it.measure, it.period)).map(Pair));
        unique(reader, "posts", self.posts.iter().map(|it| &it.code));
        unique(reader, "post_tables", self.post_tables.iter().map(|it| &it.code));
        unique(reader, "potential", self.potential.iter().map(|it| &it.code));
        unique(reader, "headings", self.headings.iter().map(|it| &it.code));
        unique(reader, "actions", self.actions.iter().map(|it| &it.code));
        unique(reader, "requests", self.requests.iter().map(|it| &it.code));
        unique(reader, "envelopes", self.envelopes.iter().map(|it| &it.code));
        unique(reader, "commitments", self.commitments.iter().map(|it| &it.code));
        unique(reader, "conditions", self.conditions.iter().map(|it| &it.code));
        unique(reader, "budget", self.budget.iter().map(|it| &it.code));
        unique(reader, "arbitrages", self.arbitrages.iter().map(Arbitrage::key));
        unique(reader, "jalons", self.jalons.iter().map(|it| &it.code));
        self.check_plan(reader);
        self.check_tree(reader);
        self.check_indicators(reader);
        self.check_targets(reader);
        self.check_cells(reader);
        self.check_posts(reader);
        self.check_post_tables(reader);
        self.check_commitments(reader);
        self.check_budget(reader);
        self.check_arbitrages(reader);
        self.check_jalons(reader);
    }

    fn check_commitments(&self, reader: &mut Reader) {
        let headings: HashSet<&Code> = self.headings.iter().map(|it| &it.code).collect();
        let nodes: HashSet<&Code> = self.nodes.iter().map(|it| &it.code).collect();
        let requests: HashSet<&Code> = self.requests.iter().map(|it| &it.code).collect();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, action) in self.actions.iter().enumerate() {
            if !headings.contains(&action.heading) {
                let place = format!("actions[{index}] ({}).heading", action.code);
                reader.problem_at(place, format!("le volet « {} » n’existe pas.", action.heading));
            }
        }
        for (index, request) in self.requests.iter().enumerate() {
            let place = |field: &str| format!("requests[{index}] ({}).{field}", request.code);
            if let Some(heading) = request.heading.as_ref().filter(|heading| !headings.contains(heading)) {
                reader.problem_at(place("heading"), format!("le volet « {heading} » n’existe pas."));
            }
            if let Some(node) = request.node.as_ref().filter(|node| !nodes.contains(node)) {
                reader.problem_at(place("node"), format!("l’objectif « {node} » n’existe pas."));
            }
            if request.quantities.iter().any(|it| it.value.is_some() == it.printed.is_some()) {
                reader.problem_at(place("quantities"), "une quantité a une valeur ou un texte imprimé, l’un des deux.");
            }
        }
        for (index, envelope) in self.envelopes.iter().enumerate() {
            let place = |field: &str| format!("envelopes[{index}] ({}).{field}", envelope.code);
            if !requests.contains(&envelope.request) {
                reader.problem_at(place("request"), format!("la demande « {} » n’existe pas.", envelope.request));
            }
            if envelope.ceiling.is_sign_negative() {
                reader.problem_at(place("ceiling"), "un plafond ne peut pas être négatif.");
            }
        }
        for (index, commitment) in self.commitments.iter().enumerate() {
            if commitment.years.iter().any(|it| !years.contains(&it.year)) {
                let place = format!("commitments[{index}] ({}).years", commitment.code);
                reader.problem_at(place, "cette année est en dehors du contrat.");
            }
        }
    }

    fn check_plan(&self, reader: &mut Reader) {
        let plan = &self.plan;
        if !(1990..=2100).contains(&plan.first_year) {
            reader.problem_at("plan.first_year".into(), "l’année doit être comprise entre 1990 et 2100.");
        }
        if !(plan.first_year..=plan.first_year.saturating_add(20)).contains(&plan.last_year) {
            reader.problem_at(
                "plan.last_year".into(),
                "la dernière année doit suivre la première, de vingt ans au plus.",
            );
        }
        if !(1..=6).contains(&plan.levels.len()) {
            reader.problem_at("plan.levels".into(), "un contrat a de un à six niveaux.");
        }
        if plan.deviation_threshold <= Decimal::ZERO {
            reader.problem_at("plan.deviation_threshold".into(), "le seuil doit être positif.");
        }
        if plan.code.as_str().chars().any(|c| c.is_ascii_uppercase() || c == '.' || c == '_')
            || plan.code.as_str().len() < 2
        {
            reader.problem_at(
                "plan.code".into(),
                "le code d’un contrat s’écrit en minuscules, chiffres et tirets, deux caractères au moins.",
            );
        }
        for (index, step) in self.steps.iter().enumerate() {
            let negative = step.vote.as_ref().is_some_and(|vote| vote.counts().iter().any(|(_, count)| *count < 0));
            if negative {
                reader.problem_at(format!("steps[{index}].vote"), "un décompte de voix ne peut pas être négatif.");
            }
        }
    }

    fn check_tree(&self, reader: &mut Reader) {
        let rows: HashSet<&Code> = self.framework.iter().map(|row| &row.code).collect();
        let mut levels: HashMap<&Code, i32> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let place = |field: &str| format!("nodes[{index}] ({}).{field}", node.code);
            let above = match &node.parent {
                None => Some(0),
                Some(parent) => levels.get(parent).copied(),
            };
            match above {
                None => reader.problem_at(
                    place("parent"),
                    "ce parent n’existe pas, ou il vient après son enfant ; les parents précèdent leurs enfants.",
                ),
                Some(above) if node.level != above + 1 => {
                    reader.problem_at(place("level"), format!("le niveau attendu sous ce parent est {}.", above + 1));
                }
                Some(_) if usize::try_from(node.level).map_or(true, |level| level > self.plan.levels.len()) => {
                    reader.problem_at(place("level"), "le contrat n’a pas tant de niveaux.");
                }
                Some(_) => {}
            }
            for code in node.framework_rows.iter().filter(|code| !rows.contains(code)) {
                reader.problem_at(place("framework_rows"), format!("le cadre n’a pas de ligne « {code} »."));
            }
            levels.insert(&node.code, node.level);
        }
    }

    fn check_indicators(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        for (index, indicator) in self.indicators.iter().enumerate() {
            let place = |field: &str| format!("indicators[{index}] ({}).{field}", indicator.code);
            if !nodes.contains(&indicator.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", indicator.node));
            }
            let measures = self.measures.iter().filter(|measure| measure.indicator == indicator.code).count();
            if indicator.is_group && measures == 0 {
                reader.problem_at(place("is_group"), "un groupe a au moins une mesure.");
            }
            if !indicator.is_group && measures != 1 {
                reader.problem_at(
                    place("is_group"),
                    format!("un indicateur qui n’est pas un groupe a une seule mesure ; celui-ci en a {measures}."),
                );
            }
            if indicator.columns_printed.iter().any(|period| period.kind != indicator.period_kind) {
                reader.problem_at(
                    place("columns_printed"),
                    "une colonne imprimée n’est pas du genre de période de l’indicateur.",
                );
            }
        }
        let indicators: HashSet<&Code> = self.indicators.iter().map(|it| &it.code).collect();
        for (index, measure) in self.measures.iter().enumerate() {
            let place = |field: &str| format!("measures[{index}] ({}).{field}", measure.code);
            if !indicators.contains(&measure.indicator) {
                reader.problem_at(place("indicator"), format!("l’indicateur « {} » n’existe pas.", measure.indicator));
            }
            if let Some(reference) = &measure.reference {
                check_figure(reader, reference, || place("reference"));
            }
            if measure.tolerance.is_some_and(|tolerance| tolerance.is_sign_negative()) {
                reader.problem_at(place("tolerance"), "la tolérance ne peut pas être négative.");
            }
        }
    }

    fn check_targets(&self, reader: &mut Reader) {
        let measures: HashSet<&Code> = self.measures.iter().map(|it| &it.code).collect();
        for (index, target) in self.targets.iter().enumerate() {
            let place = |field: &str| format!("targets[{index}] ({}).{field}", target.measure);
            if !measures.contains(&target.measure) {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", target.measure));
            }
            if target.rank < 0 {
                reader.problem_at(place("rank"), "le rang 0 est la cible d’origine ; les avenants suivent.");
            }
            check_figure(reader, &target.figure, || place("figure"));
        }
    }

    fn check_jalons(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        let mut groups: HashSet<&Code> = HashSet::new();
        for (index, jalon) in self.jalons.iter().enumerate() {
            let place = |field: &str| format!("jalons[{index}] ({}).{field}", jalon.code);
            if jalon.parent.as_ref().is_some_and(|parent| !groups.contains(parent)) {
                reader.problem_at(
                    place("parent"),
                    "ce groupe n’existe pas, ou il vient après ses jalons ; les groupes précèdent leurs jalons.",
                );
            }
            if !nodes.contains(&jalon.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", jalon.node));
            }
            let is_empty = || !self.jalons.iter().any(|leaf| leaf.parent.as_ref() == Some(&jalon.code));
            if jalon.is_group && is_empty() {
                reader.problem_at(place("is_group"), "un groupe a au moins un jalon.");
            }
            for (field, sentence) in jalon.incoherences(&self.plan) {
                reader.problem_at(place(field), sentence);
            }
            if jalon.is_group {
                groups.insert(&jalon.code);
            }
        }
    }

    fn check_cells(&self, reader: &mut Reader) {
        let years = self.plan.first_year..=self.plan.last_year;
        // Years out of bounds are a problem already told; their columns would be endless.
        let columns = |kind| match years.clone().count() {
            1..=21 => period::columns(kind, self.plan.first_year, self.plan.last_year),
            _ => Vec::new(),
        };
        let columns: HashMap<&Code, Vec<Period>> =
            self.indicators.iter().map(|it| (&it.code, columns(it.period_kind))).collect();
        let measures: HashMap<&Code, &Measure> = self.measures.iter().map(|it| (&it.code, it)).collect();
        for (index, cell) in self.cells.iter().enumerate() {
            let place = |field: &str| format!("cells[{index}] ({} {}).{field}", cell.measure, cell.period);
            let Some(measure) = measures.get(&cell.measure) else {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", cell.measure));
                continue;
            };
            if columns.get(&measure.indicator).is_some_and(|columns| !columns.contains(&cell.period)) {
                reader
                    .problem_at(place("period"), "cette période n’est pas une colonne du contrat pour cet indicateur.");
            }
            if cell.status.is_some() != cell.answer().is_some() || (cell.status.is_none() && cell.value.is_some()) {
                reader.problem_at(place("value"), "la valeur et le statut se contredisent.");
            }
            match (cell.numerator, cell.denominator) {
                (None, None) => {}
                (Some(numerator), Some(denominator)) => match figure::rate(numerator, denominator) {
                    Ok(rate) if measure.is_quotient && cell.value == Some(rate) => {}
                    Ok(_) if !measure.is_quotient => {
                        reader.problem_at(place("numerator"), "cette mesure n’a ni numérateur ni dénominateur.");
                    }
                    Ok(rate) => reader
                        .problem_at(place("value"), format!("la valeur doit être le quotient, {}.", rate.normalize())),
                    Err(error) => reader.problem_at(place("denominator"), error.to_string()),
                },
                _ => reader.problem_at(place("numerator"), "le numérateur et le dénominateur vont ensemble."),
            }
            if cell.comment.as_ref().is_some_and(|it| it.chars().count() > indicators::COMMENT_MAX) {
                reader.problem_at(
                    place("comment"),
                    format!("le commentaire dépasse {} caractères.", indicators::COMMENT_MAX),
                );
            }
            if let Some(printed) = &cell.printed {
                check_figure(reader, printed, || place("printed"));
                if printed.printed.is_none() {
                    reader.problem_at(place("printed.printed"), "le texte imprimé est obligatoire ici.");
                }
            }
        }
    }

    fn check_budget(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, line) in self.budget.iter().enumerate() {
            let place = |field: &str| format!("budget[{index}] ({}).{field}", line.code);
            for code in line.nodes.iter().filter(|code| !nodes.contains(code)) {
                reader.problem_at(place("nodes"), format!("l’objectif « {code} » n’existe pas."));
            }
            if let Some(site) =
                line.site.as_ref().filter(|site| !self.structure.sites.iter().any(|it| it.code == **site))
            {
                reader.problem_at(place("site"), format!("la structure n’a pas de site « {site} »."));
            }
            let outside = |year: &i32| !years.contains(year);
            if line.years.iter().any(outside) || line.self_financing.iter().any(|it| outside(&it.year)) {
                reader.problem_at(place("years"), "une année est en dehors du contrat.");
            }
            let twice = |list: Vec<(i32, &str)>| list.len() != list.iter().collect::<HashSet<_>>().len();
            if twice(line.self_financing.iter().map(|it| (it.year, "")).collect()) {
                reader.problem_at(place("self_financing"), "une année y est deux fois.");
            }
            if twice(line.schedule.iter().map(|it| (it.year, it.kind.word())).collect()) {
                reader.problem_at(place("schedule"), "une année y est deux fois pour le même genre de montant.");
            }
            if let Some(entry) = line.schedule.iter().find(|it| outside(&it.year)) {
                reader.problem_at(place("schedule"), format!("l’année {} est en dehors du contrat.", entry.year));
            }
            let amounts = [line.cost, line.participation].into_iter().flatten();
            let by_year = line.self_financing.iter().map(|it| it.amount);
            let scheduled = line.schedule.iter().map(|it| it.amount);
            if amounts.chain(by_year).chain(scheduled).any(|amount| amount.is_sign_negative()) {
                reader.problem_at(place("cost"), "un montant ne peut pas être négatif.");
            }
        }
    }

    fn check_arbitrages(&self, reader: &mut Reader) {
        let conditions: HashSet<&Code> = self.conditions.iter().map(|it| &it.code).collect();
        let lines: HashSet<&Code> = self.budget.iter().map(|it| &it.code).collect();
        let requests: HashSet<&Code> = self.requests.iter().map(|it| &it.code).collect();
        let headings: HashSet<&Code> = self.headings.iter().map(|it| &it.code).collect();
        let posts: HashSet<&Code> = self.posts.iter().map(|it| &it.code).collect();
        for (index, it) in self.arbitrages.iter().enumerate() {
            let place = |field: &str| format!("arbitrages[{index}] ({}).{field}", it.key());
            let (known, what) = match it.subject {
                Subject::BudgetLine => (lines.contains(&it.code), "la ligne budgétaire"),
                Subject::Request => (requests.contains(&it.code), "la demande"),
                Subject::Heading => (headings.contains(&it.code), "le volet"),
                Subject::Post => (posts.contains(&it.code), "le poste"),
            };
            if !known {
                reader.problem_at(place("code"), format!("{what} « {} » n’existe pas.", it.code));
            }
            if let Some(condition) = it.condition.as_ref().filter(|code| !conditions.contains(code)) {
                reader.problem_at(place("condition"), format!("la condition « {condition} » n’existe pas."));
            }
            if it.rank < 0 {
                reader.problem_at(place("rank"), "le rang 0 est celui du document signé ; les révisions suivent.");
            }
            if it.granted.is_some() && it.session_on.is_none() {
                reader.problem_at(place("session_on"), "un accord exact vient d’une décision datée.");
            }
            if [it.granted, it.granted_printed_keur].iter().flatten().any(rust_decimal::Decimal::is_sign_negative) {
                reader.problem_at(place("granted"), "un montant ne peut pas être négatif.");
            }
        }
    }
}

/// A measure that says neither nature nor direction gets a proposal, to be confirmed by pilotage: the direction from the
/// sign of target − reference, « à choisir » without two numbers (docs/regles.md §4).
fn propose(document: &mut Value) {
    let number = |figure: &Value| -> Option<Decimal> { figure.get("value")?.as_str()?.parse().ok() };
    let targets: HashMap<String, Decimal> = document
        .get("targets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|target| target.get("rank").and_then(Value::as_i64) == Some(0))
        .filter_map(|target| Some((target.get("measure")?.as_str()?.to_owned(), number(target.get("figure")?)?)))
        .collect();
    let Some(measures) = document.get_mut("measures").and_then(Value::as_array_mut) else { return };
    for measure in measures.iter_mut().filter_map(Value::as_object_mut) {
        if !measure.contains_key("nature") {
            measure.insert("nature".into(), Nature::ToConfirm.word().into());
        }
        if !measure.contains_key("direction") {
            let reference = measure.get("reference").and_then(number);
            let target = measure.get("code").and_then(Value::as_str).and_then(|code| targets.get(code));
            let direction = Direction::proposed(reference, target.copied());
            measure.insert("direction".into(), direction.word().into());
        }
    }
}

impl Document {
    fn check_posts(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        for (index, post) in self.posts.iter().enumerate() {
            let place = |field: &str| format!("posts[{index}] ({}).{field}", post.code);
            if !(1..=posts::COUNT_MAX).contains(&post.count) {
                reader.problem_at(
                    place("count"),
                    format!("une ligne compte de 1 à {} postes ; une case vide ne s’écrit pas.", posts::COUNT_MAX),
                );
            }
            if post.year.is_some_and(|year| !(1990..=2100).contains(&year)) {
                reader.problem_at(place("year"), "l’année doit être comprise entre 1990 et 2100.");
            }
            for code in post.objectives.iter().filter(|code| !nodes.contains(code)) {
                reader.problem_at(place("objectives"), format!("l’objectif « {code} » n’existe pas."));
            }
            if duplicated(&post.objectives) {
                reader.problem_at(place("objectives"), "un objectif y est deux fois.");
            }
            for (field, text) in [("qualifier", &post.qualifier), ("funding", &post.funding)] {
                if text.as_ref().is_some_and(|text| text.chars().count() > posts::TEXT_MAX) {
                    reader.problem_at(place(field), format!("le texte dépasse {} caractères.", posts::TEXT_MAX));
                }
            }
        }
        for (index, potential) in self.potential.iter().enumerate() {
            let place = |field: &str| format!("potential[{index}] ({}).{field}", potential.code);
            for (field, value) in [("certain", potential.certain), ("possible", potential.possible)] {
                if value.is_sign_negative() && !value.is_zero() {
                    reader.problem_at(place(field), "un nombre de départs ne peut pas être négatif.");
                }
            }
            if duplicated(&potential.printed.iter().map(|it| it.row).collect::<Vec<_>>()) {
                reader.problem_at(place("printed"), "une ligne imprimée y est deux fois.");
            }
        }
        if duplicated(&self.potential.iter().map(|it| it.family).collect::<Vec<_>>()) {
            reader.problem_at("potential".into(), "une famille de personnels y est deux fois.");
        }
    }

    fn check_post_tables(&self, reader: &mut Reader) {
        let origins: Vec<Origin> = self.post_tables.iter().flat_map(|table| table.origins.iter().copied()).collect();
        if duplicated(&origins) {
            reader.problem_at("post_tables".into(), "une origine est comptée par deux tableaux.");
        }
        for (index, table) in self.post_tables.iter().enumerate() {
            let place = |field: String| format!("post_tables[{index}] ({}).{field}", table.code);
            if table.origins.is_empty() {
                reader.problem_at(place("origins".into()), "un tableau compte au moins une origine.");
            }
            if duplicated(&table.rows.iter().map(|row| (row.year, row.part)).collect::<Vec<_>>()) {
                reader.problem_at(place("rows".into()), "une année y est deux fois pour la même part.");
            }
            if duplicated(&table.totals.iter().map(|total| total.part).collect::<Vec<_>>()) {
                reader.problem_at(place("totals".into()), "une part y est totalisée deux fois.");
            }
            for (row, it) in table.rows.iter().enumerate() {
                if duplicated(&it.cells.iter().map(|cell| cell.corps).collect::<Vec<_>>()) {
                    reader.problem_at(place(format!("rows[{row}].cells")), "un corps y est deux fois.");
                }
                // A cell of a hostile file must not make a sum overflow.
                if it.cells.iter().any(|cell| !(0..=posts::COUNT_MAX).contains(&cell.count)) {
                    reader.problem_at(place(format!("rows[{row}].cells")), "un nombre de postes est hors bornes.");
                }
            }
            for (row, it) in table.totals.iter().enumerate() {
                if duplicated(&it.cells.iter().map(|cell| cell.corps).collect::<Vec<_>>()) {
                    reader.problem_at(place(format!("totals[{row}].cells")), "un corps y est deux fois.");
                }
                if it.cells.iter().map(|cell| cell.count).chain([it.count]).any(|count| !(0..=100_000).contains(&count))
                {
                    reader.problem_at(place(format!("totals[{row}]")), "un nombre de postes est hors bornes.");
                }
            }
        }
    }
}

fn duplicated<T: Eq + Hash>(list: &[T]) -> bool {
    let mut seen = HashSet::new();
    !list.iter().all(|item| seen.insert(item))
}

fn check_figure(reader: &mut Reader, figure: &Figure, place: impl Fn() -> String) {
    if figure.answer().is_none() {
        reader.problem_at(place(), "une valeur accompagne le statut « valeur », et lui seul.");
    }
}

/// Shows a two-part code.
#[derive(PartialEq, Eq, Hash)]
struct Pair<A, B>((A, B));

impl<A: std::fmt::Display, B: std::fmt::Display> std::fmt::Display for Pair<A, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.0.0, self.0.1)
    }
}

fn unique<C: Eq + Hash + std::fmt::Display>(reader: &mut Reader, list: &str, codes: impl Iterator<Item = C>) {
    let mut seen = HashSet::new();
    for (index, code) in codes.enumerate() {
        let shown = code.to_string();
        if !seen.insert(code) {
            reader
                .problem_at(format!("{list}[{index}]"), format!("le code « {shown} » est déjà pris dans cette liste."));
        }
    }
}
