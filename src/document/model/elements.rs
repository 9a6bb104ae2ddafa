//! What a document is made of: one table gives its fields, the kinds of its elements and their words.

use serde_json::Value;

use super::Schema;
use crate::arbitrages::amendment::Amendment;
use crate::arbitrages::opinion::Opinion;
use crate::arbitrages::{Arbitrage, Condition};
use crate::avenants::model::Avenant;
use crate::budget::model::{BudgetLine, BudgetTotals, TOTALS_CODE};
use crate::commitments::model::{Action, Commitment, Envelope, Heading, Request};
use crate::followups::Followup;
use crate::indicators::model::{Cell, Indicator, Measure, Target};
use crate::jalons::model::Jalon;
use crate::kernel::canonical::{Canonical, Reader};
use crate::plans::model::{AdoptionStep, Establishment, FrameworkRow, Node, Plan, Section, Structure};
use crate::posts::model::{PostLine, PostTable, Potential};
use crate::printed::Mention;
use crate::reserves::model::Reserve;
use crate::{record, words};

/// Makes [`Document`], [`Kind`] and [`Element`] from one table: a kind is added to the document by one row there, then
/// the compiler asks how the store writes it.
macro_rules! elements {
    ($(
        $(#[$meta:meta])*
        $field:ident: $Type:ty => $variant:ident($shape:ident) = $word:literal, |$it:pat_param| $key:expr;
    )*) => {
        record! {
            /// A plan, whole. Arrays are in the order shown on screen; targets and cells follow their measures.
            pub struct Document {
                /// Version of this shape.
                pub schema: Schema,
                $( $(#[$meta])* pub $field: $Type, )*
            }
        }

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

            /// The codes of the elements, kind by kind.
            pub fn codes(&self) -> Vec<(Kind, Vec<String>)> {
                vec![$({
                    let list: &[$shape] = self.$field.standing();
                    (Kind::$variant, list.iter().map(|$it| $key).collect())
                },)*]
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

// Field of the document: its type => variant(shape) = word in the journal, code. Parents before what hangs from them.
elements! {
    /// The university.
    establishment: Establishment => Establishment(Establishment) = "etablissement", |it| it.code.to_string();
    /// Its framework.
    framework: Vec<FrameworkRow> => FrameworkRow(FrameworkRow) = "cadre", |it| it.code.to_string();
    /// The structure that signs.
    structure: Structure => Structure(Structure) = "structure", |it| it.code.to_string();
    /// The contract itself.
    plan: Plan => Plan(Plan) = "contrat", |it| it.code.to_string();
    /// Texts.
    sections: Vec<Section> => Section(Section) = "section", |it| it.code.to_string();
    /// Adoption.
    steps: Vec<AdoptionStep> => Step(AdoptionStep) = "adoption", |it| it.code.to_string();
    /// The tree, parents before children.
    nodes: Vec<Node> => Node(Node) = "objectif", |it| it.code.to_string();
    /// Fiches.
    indicators: Vec<Indicator> => Indicator(Indicator) = "indicateur", |it| it.code.to_string();
    /// What they measure.
    measures: Vec<Measure> => Measure(Measure) = "mesure", |it| it.code.to_string();
    /// What is aimed at.
    targets: Vec<Target> => Target(Target) = "cible", |it| format!("{}/{}", it.measure, it.rank);
    /// Situations.
    cells: Vec<Cell> => Cell(Cell) = "situation", |it| format!("{}/{}", it.measure, it.period);
    /// Posts.
    posts: Vec<PostLine> => PostLine(PostLine) = "poste", |it| it.code.to_string();
    /// The tables printed of them.
    post_tables: Vec<PostTable> => PostTable(PostTable) = "tableau_postes", |it| it.code.to_string();
    /// Recruitment potential.
    potential: Vec<Potential> => Potential(Potential) = "potentiel", |it| it.code.to_string();
    /// Headings of the structure's commitments.
    headings: Vec<Heading> => Heading(Heading) = "volet", |it| it.code.to_string();
    /// What it does under them.
    actions: Vec<Action> => Action(Action) = "action", |it| it.code.to_string();
    /// The means asked for.
    requests: Vec<Request> => Request(Request) = "demande", |it| it.code.to_string();
    /// Ceilings in other units than euros.
    envelopes: Vec<Envelope> => Envelope(Envelope) = "enveloppe", |it| it.code.to_string();
    /// What the establishment commits to.
    commitments: Vec<Commitment> => Commitment(Commitment) = "engagement", |it| it.code.to_string();
    /// What decisions depend on.
    conditions: Vec<Condition> => Condition(Condition) = "condition", |it| it.code.to_string();
    /// Requests in money.
    budget: Vec<BudgetLine> => BudgetLine(BudgetLine) = "budget", |it| it.code.to_string();
    /// The totals printed under them.
    budget_totals: Option<BudgetTotals> => BudgetTotals(BudgetTotals) = "totaux_budget", |_| TOTALS_CODE.into();
    /// Decisions, by subject, code and rank.
    arbitrages: Vec<Arbitrage> => Arbitrage(Arbitrage) = "arbitrage", |it| it.key();
    /// What became of demands, by subject, code and rank.
    amendments: Vec<Amendment> => Amendment(Amendment) = "amendement", |it| it.key();
    /// What finance and human resources say of them, by subject, code and rank.
    opinions: Vec<Opinion> => Opinion(Opinion) = "avis", |it| it.key();
    /// What the meetings of its dialogues asked someone to do.
    followups: Vec<Followup> => Followup(Followup) = "suite", |it| it.code.to_string();
    /// Jalons, groups before their leaves.
    jalons: Vec<Jalon> => Jalon(Jalon) = "jalon", |it| it.code.to_string();
    /// What the signed document says in several ways.
    reserves: Vec<Reserve> => Reserve(Reserve) = "reserve", |it| it.code.to_string();
    /// What changed it since it was signed, or may.
    avenants: Vec<Avenant> => Avenant(Avenant) = "avenant", |it| it.code.to_string();
    /// Where it says what no other element holds, and the figures that it gives.
    mentions: Vec<Mention> => Mention(Mention) = "mention", |it| it.code.to_string();
}

impl Kind {
    /// Elements of the establishment are shared by every plan: the journal keeps them outside any.
    pub const fn is_shared(self) -> bool {
        matches!(self, Self::Establishment | Self::FrameworkRow | Self::Structure)
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
