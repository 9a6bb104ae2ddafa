//! The document, the elements it is made of, and the differences between two of them. What makes one acceptable is in
//! `check.rs`.

use std::collections::{BTreeMap, HashMap, HashSet};

use rust_decimal::Decimal;
use serde_json::Value;

use crate::arbitrages::amendment::Amendment;
use crate::arbitrages::model::place;
use crate::arbitrages::opinion::Opinion;
use crate::arbitrages::{Arbitrage, Condition};
use crate::avenants::ground::Ground;
use crate::avenants::model::Avenant;
use crate::budget::model::{BudgetLine, BudgetTotals, TOTALS_CODE};
use crate::commitments::model::{Action, Commitment, Envelope, Heading, Request};
use crate::followups::Followup;
use crate::indicators::model::{Cell, Indicator, Measure, Target};
use crate::indicators::progress::{Direction, Nature};
use crate::jalons::model::Jalon;
use crate::kernel::canonical::{Canonical, Problem, Reader};
use crate::kernel::ids::Code;
use crate::kernel::json;
use crate::plans::model::{AdoptionStep, Establishment, FrameworkRow, Node, Plan, Section, Structure};
use crate::posts::model::{PostLine, PostTable, Potential};
use crate::printed::Mention;
use crate::reserves::model::Reserve;
use crate::{record, words};

/// Largest file accepted, in bytes: fifty times the real contract.
pub const FILE_MAX: usize = 16 * 1024 * 1024;
/// Most JSON values in it: fifty times those of the real contract, which has some 6 000.
pub const VALUES_MAX: usize = 300_000;

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
        /// What became of demands, by subject, code and rank.
        pub amendments: Vec<Amendment>,
        /// What finance and human resources say of them, by subject, code and rank.
        pub opinions: Vec<Opinion>,
        /// What the meetings of its dialogues asked someone to do.
        pub followups: Vec<Followup>,
        /// Jalons, groups before their leaves.
        pub jalons: Vec<Jalon>,
        /// What the signed document says in several ways.
        pub reserves: Vec<Reserve>,
        /// What changed it since it was signed, or may.
        pub avenants: Vec<Avenant>,
        /// Where it says what no other element holds, and the figures that it gives.
        pub mentions: Vec<Mention>,
    }
}

/// One value, perhaps one, or a list: how an element stands in a document.
trait Standing<T>: Sized {
    fn standing(&self) -> &[T];

    /// The other way round; `None` when what must be there is not.
    fn gathered(list: Vec<T>) -> Option<Self>;
}

impl<T> Standing<T> for T {
    fn standing(&self) -> &[T] {
        std::slice::from_ref(self)
    }

    fn gathered(list: Vec<T>) -> Option<Self> {
        list.into_iter().next()
    }
}

impl<T> Standing<T> for Option<T> {
    fn standing(&self) -> &[T] {
        self.as_slice()
    }

    fn gathered(list: Vec<T>) -> Option<Self> {
        Some(list.into_iter().next())
    }
}

impl<T> Standing<T> for Vec<T> {
    fn standing(&self) -> &[T] {
        self
    }

    fn gathered(list: Vec<T>) -> Option<Self> {
        Some(list)
    }
}

/// Makes [`Kind`] and [`Element`] from one table: a kind is added to the document by one line here and its field in
/// [`Document`].
macro_rules! elements {
    ($($variant:ident($shape:ident) = $word:literal, $field:ident, |$it:pat_param| $key:expr;)*) => {
        words! {
            /// What an element is: its kind in the journal, in the order in which elements are written to the database.
            pub enum Kind {
                $(
                    #[doc = concat!("See [`", stringify!($shape), "`].")]
                    $variant = $word,
                )*
            }
        }

        /// One element of a document.
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[expect(missing_docs, reason = "each variant names its own shape")]
        pub enum Element {
            $($variant($shape),)*
        }

        impl Element {
            /// Its kind.
            pub const fn kind(&self) -> Kind {
                match self {
                    $(Self::$variant(_) => Kind::$variant,)*
                }
            }

            /// Its code, unique among its kind in a plan.
            pub fn code(&self) -> String {
                match self {
                    $(Self::$variant($it) => $key,)*
                }
            }

            /// Its whole state, as the document writes it.
            pub fn state(&self) -> Value {
                match self {
                    $(Self::$variant(it) => it.write(),)*
                }
            }

            /// The element of a kind whose whole state this is; `None` when it does not read, a problem being noted.
            pub fn read(kind: Kind, state: &Value, reader: &mut Reader) -> Option<Self> {
                match kind {
                    $(Kind::$variant => $shape::read(state, reader).map(Self::$variant),)*
                }
            }
        }

        impl Kind {
            /// Its field in a document, also its word in addresses: `nodes`, `budget`.
            pub const fn field(self) -> &'static str {
                match self {
                    $(Self::$variant => stringify!($field),)*
                }
            }
        }

        impl Document {
            /// Every element at its place, in writing order.
            pub fn elements(&self) -> Vec<Placed> {
                let mut elements = Vec::new();
                $(
                    let list: &[$shape] = self.$field.standing();
                    elements.extend(list.iter().zip(0..).map(|(it, position)| Placed {
                        element: Element::$variant(it.clone()),
                        position,
                    }));
                )*
                elements
            }

            /// The document made of these elements; `None` without an establishment, a structure or a plan.
            pub fn of_elements(mut elements: Vec<Placed>) -> Option<Self> {
                elements.sort_by_key(|it| it.position);
                $(let mut $field = Vec::<$shape>::new();)*
                for it in elements {
                    match it.element {
                        $(Element::$variant(shape) => $field.push(shape),)*
                    }
                }
                let mut document = Self { schema: Schema::CURRENT, $($field: Standing::gathered($field)?,)* };
                document.sort();
                Some(document)
            }
        }
    };
}

// Variant(shape), word in the journal, field of the document, code: parents before what hangs from them.
elements! {
    Establishment(Establishment) = "etablissement", establishment, |it| it.code.to_string();
    FrameworkRow(FrameworkRow) = "cadre", framework, |it| it.code.to_string();
    Structure(Structure) = "structure", structure, |it| it.code.to_string();
    Plan(Plan) = "contrat", plan, |it| it.code.to_string();
    Section(Section) = "section", sections, |it| it.code.to_string();
    Step(AdoptionStep) = "adoption", steps, |it| it.code.to_string();
    Node(Node) = "objectif", nodes, |it| it.code.to_string();
    Indicator(Indicator) = "indicateur", indicators, |it| it.code.to_string();
    Measure(Measure) = "mesure", measures, |it| it.code.to_string();
    Target(Target) = "cible", targets, |it| format!("{}/{}", it.measure, it.rank);
    Cell(Cell) = "situation", cells, |it| format!("{}/{}", it.measure, it.period);
    PostLine(PostLine) = "poste", posts, |it| it.code.to_string();
    PostTable(PostTable) = "tableau_postes", post_tables, |it| it.code.to_string();
    Potential(Potential) = "potentiel", potential, |it| it.code.to_string();
    Heading(Heading) = "volet", headings, |it| it.code.to_string();
    Action(Action) = "action", actions, |it| it.code.to_string();
    Request(Request) = "demande", requests, |it| it.code.to_string();
    Envelope(Envelope) = "enveloppe", envelopes, |it| it.code.to_string();
    Commitment(Commitment) = "engagement", commitments, |it| it.code.to_string();
    Condition(Condition) = "condition", conditions, |it| it.code.to_string();
    BudgetLine(BudgetLine) = "budget", budget, |it| it.code.to_string();
    BudgetTotals(BudgetTotals) = "totaux_budget", budget_totals, |_| TOTALS_CODE.into();
    Arbitrage(Arbitrage) = "arbitrage", arbitrages, |it| it.key();
    Amendment(Amendment) = "amendement", amendments, |it| it.key();
    Opinion(Opinion) = "avis", opinions, |it| it.key();
    Followup(Followup) = "suite", followups, |it| it.code.to_string();
    Jalon(Jalon) = "jalon", jalons, |it| it.code.to_string();
    Reserve(Reserve) = "reserve", reserves, |it| it.code.to_string();
    Avenant(Avenant) = "avenant", avenants, |it| it.code.to_string();
    Mention(Mention) = "mention", mentions, |it| it.code.to_string();
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

/// What a campaign reads of a kept document: the definitions and the tree of its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extract {
    /// The plan.
    pub plan: Plan,
    /// Its tree.
    pub nodes: Vec<Node>,
    /// Its fiches.
    pub indicators: Vec<Indicator>,
    /// Its measures.
    pub measures: Vec<Measure>,
    /// Their targets.
    pub targets: Vec<Target>,
}

impl Extract {
    /// Reads the bytes of a snapshot, whatever the schema it was written in; they were checked when they were kept.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        fn part<T: Canonical>(value: &Value, key: &str) -> Option<T> {
            let reader = &mut Reader::default();
            // An empty list is not written.
            value.get(key).map_or_else(|| T::missing(&mut Reader::default()), |value| T::read(value, reader))
        }
        let value: Value = serde_json::from_slice(bytes).ok()?;
        Some(Self {
            plan: part(&value, "plan")?,
            nodes: part(&value, "nodes")?,
            indicators: part(&value, "indicators")?,
            measures: part(&value, "measures")?,
            targets: part(&value, "targets")?,
        })
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
        let mut value = json::read(bytes, VALUES_MAX).map_err(whole)?;
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
        self.amendments.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
        self.opinions.sort_by_cached_key(|it| place(it.subject, &it.code, it.rank));
    }

    /// What avenants may change of it.
    pub fn ground(&self) -> Ground {
        Ground {
            indicators: self.indicators.clone(),
            measures: self.measures.clone(),
            targets: self.targets.clone(),
            jalons: self.jalons.clone(),
        }
    }

    /// The same with an avenant in force since the campaign of a year.
    ///
    /// # Errors
    /// What does not hold; the document is as it was.
    pub fn enforced(&self, avenant: &Avenant, year: i32) -> Result<Self, Vec<Problem>> {
        let mut ground = self.ground();
        let in_force = ground.enforce(avenant, year)?;
        let Ground { indicators, measures, targets, jalons } = ground;
        let mut after = Self { indicators, measures, targets, jalons, ..self.clone() };
        after.avenants.iter_mut().filter(|it| it.code == avenant.code).for_each(|it| it.clone_from(&in_force));
        after.sort();
        let problems = after.problems();
        if problems.is_empty() { Ok(after) } else { Err(problems) }
    }

    /// What the signature settled of each definition that an avenant may change, by kind and code: its fields, what was
    /// printed aside, and the nature or direction that waits for its confirmation in `open` aside.
    pub fn definitions(&self, open: &Self) -> BTreeMap<(Kind, String), Value> {
        let bare = |state: Value, left: &[&str]| match state {
            Value::Object(object) => Value::Object(
                object
                    .into_iter()
                    .filter(|(key, _)| !key.ends_with("printed") && !left.contains(&key.as_str()))
                    .map(|(key, value)| match value {
                        // A figure is the same however it was printed.
                        Value::Object(mut figure) => {
                            figure.remove("printed");
                            (key, Value::Object(figure))
                        }
                        value => (key, value),
                    })
                    .collect(),
            ),
            other => other,
        };
        let mut found = BTreeMap::new();
        let plan = ["code", "title", "parties", "annexes", "notice", "deviation_threshold", "draft"];
        found.insert((Kind::Plan, self.plan.code.to_string()), bare(self.plan.write(), &plan));
        let nodes = self.nodes.iter().map(|it| Element::Node(it.clone()));
        let indicators = self.indicators.iter().map(|it| Element::Indicator(it.clone()));
        let targets = self.targets.iter().map(|it| Element::Target(it.clone()));
        for element in nodes.chain(indicators).chain(targets) {
            found.insert((element.kind(), element.code()), bare(element.state(), &[]));
        }
        for it in &self.measures {
            let mut left = Vec::new();
            let waits = open.measures.iter().find(|open| open.code == it.code);
            if waits.is_some_and(|it| !it.nature_confirmed) {
                left.extend(["nature", "nature_confirmed"]);
            }
            if waits.is_some_and(|it| !it.direction_confirmed) {
                left.extend(["direction", "direction_confirmed"]);
            }
            found.insert((Kind::Measure, it.code.to_string()), bare(it.write(), &left));
        }
        // What is said of a jalon is its director's, all year.
        let said = ["state", "reached_on", "evidence", "reason", "postponed_to", "comment", "provenance", "owners"];
        for it in &self.jalons {
            found.insert((Kind::Jalon, it.code.to_string()), bare(it.write(), &said));
        }
        found
    }

    /// What must change to go from `before` (nothing for a new plan) to this document.
    pub fn changes_from(&self, before: &[Placed]) -> Vec<Change> {
        changes(before, self.elements())
    }

    /// Every fault of a document made here, with its place; none when it may be kept.
    pub fn problems(&self) -> Vec<Problem> {
        let mut reader = Reader::default();
        self.check(&mut reader);
        reader.into_problems()
    }
}

/// The elements of one list, each at its place.
pub fn placed<T>(list: impl IntoIterator<Item = T>, wrap: fn(T) -> Element) -> Vec<Placed> {
    list.into_iter().zip(0..).map(|(it, position)| Placed { element: wrap(it), position }).collect()
}

/// What must change to go from some elements to others, in writing order: what is put first, parents before children,
/// then what goes, children before parents. Elements are matched by kind and code.
pub fn changes(before: &[Placed], after: Vec<Placed>) -> Vec<Change> {
    let key = |placed: &Placed| (placed.element.kind(), placed.element.code());
    let old: HashMap<_, _> = before.iter().map(|placed| (key(placed), placed)).collect();
    let kept: HashSet<_> = after.iter().map(key).collect();
    let moves = |kind| !matches!(kind, Kind::Target | Kind::Cell | Kind::Arbitrage | Kind::Amendment | Kind::Opinion);
    let put = after.into_iter().filter_map(|placed| {
        let (kind, code) = key(&placed);
        let was = old.get(&(kind, code.clone())).copied();
        let same =
            was.is_some_and(|was| was.element == placed.element && (was.position == placed.position || !moves(kind)));
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
