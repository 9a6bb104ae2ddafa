//! Post lines, the tables that were printed of them, the recruitment potential: elements of the document.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::ids::Code;
use crate::{record, words};

/// The word of a post line in the journal, which the document's kinds share.
pub const LINE_KIND: &str = "poste";
/// The words of what shows posts, in the journal: whoever does not read posts does not read these.
pub const KINDS: &[&str] =
    &[LINE_KIND, "tableau_postes", "potentiel", "arbitrage/poste", "amendement/poste", "avis/poste"];

/// Most posts of one line.
pub const COUNT_MAX: i32 = 999;
/// Longest qualifier or funding, in characters; the forms' `maxlength` and the check share it.
pub const TEXT_MAX: usize = 300;

words! {
    /// Why there is a post.
    pub enum Origin {
        /// Somebody leaves.
        Vacancy = "vacance",
        /// A new post.
        Creation = "creation",
        /// A temporary post made permanent.
        Stabilisation = "stabilisation",
    }
}

impl Origin {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Vacancy => "vacance",
            Self::Creation => "création",
            Self::Stabilisation => "stabilisation",
        }
    }
}

words! {
    /// Which part of the posts to fill a line belongs to.
    pub enum Part {
        /// 20 %: redefined after the contract's strategy.
        Dynamic = "part_20",
        /// 80 %: renewed as it was.
        Recurrent = "part_80",
        /// Neither.
        Outside = "hors_part",
    }
}

impl Part {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Dynamic => "20\u{202f}%, dynamique",
            Self::Recurrent => "80\u{202f}%, récurrente",
            Self::Outside => "hors part",
        }
    }

    /// In a table.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Dynamic => "20\u{202f}%",
            Self::Recurrent => "80\u{202f}%",
            Self::Outside => "hors part",
        }
    }
}

words! {
    /// The two families of staff.
    pub enum Family {
        /// Enseignants et enseignants-chercheurs.
        Teaching = "EEC",
        /// Administrative, technical and library staff.
        Support = "BIATSS",
    }
}

impl Family {
    /// Spelt out.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Teaching => "Enseignants et enseignants-chercheurs (EEC)",
            Self::Support => "BIATSS",
        }
    }

    /// Its corps, in the order of the columns.
    pub fn corps(self) -> impl Iterator<Item = Corps> {
        Corps::ALL.iter().copied().filter(move |corps| corps.family() == self)
    }
}

words! {
    /// Corps or category: a column of the tables, in their order.
    pub enum Corps {
        /// Professor.
        Pr = "PR",
        /// Maître de conférences.
        Mcf = "MCF",
        /// Second-degree teacher.
        Esd = "ESD",
        /// Category A.
        CatA = "CAT_A",
        /// Category B.
        CatB = "CAT_B",
        /// Category C.
        CatC = "CAT_C",
    }
}

impl Corps {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pr => "PR",
            Self::Mcf => "MCF",
            Self::Esd => "Enseignant du second degré",
            Self::CatA => "BIATSS, catégorie A",
            Self::CatB => "BIATSS, catégorie B",
            Self::CatC => "BIATSS, catégorie C",
        }
    }

    /// At the head of a column, under its family.
    pub const fn short(self) -> &'static str {
        match self {
            Self::Pr => "PR",
            Self::Mcf => "MCF",
            Self::Esd => "Second degré",
            Self::CatA => "Cat. A",
            Self::CatB => "Cat. B",
            Self::CatC => "Cat. C",
        }
    }

    /// The family it belongs to.
    pub const fn family(self) -> Family {
        match self {
            Self::Pr | Self::Mcf | Self::Esd => Family::Teaching,
            Self::CatA | Self::CatB | Self::CatC => Family::Support,
        }
    }
}

words! {
    /// How far the post has come.
    pub enum Realisation {
        /// Decided.
        Decided = "arbitre",
        /// Published.
        Published = "publie",
        /// Filled.
        Filled = "pourvu",
        /// Given up.
        Dropped = "abandonne",
    }
}

impl Realisation {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Decided => "arbitré",
            Self::Published => "publié",
            Self::Filled => "pourvu",
            Self::Dropped => "abandonné",
        }
    }

    /// The icon and the colour of its pill, among those of the house.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::Decided => "a-ouvrir",
            Self::Published => "saisie",
            Self::Filled => "atteinte",
            Self::Dropped => "clos",
        }
    }
}

record! {
    /// A post, or several alike. Nothing in it names a person.
    pub struct PostLine {
        /// Stable code.
        pub code: Code,
        /// Why there is a post.
        pub origin: Origin,
        /// Year of recruitment; absent is « non connue ».
        pub year: Option<i32>,
        /// As printed, when it says more than the year.
        pub year_printed: Option<String>,
        /// 20 %, 80 % or neither.
        pub part: Part,
        /// Corps or category.
        pub corps: Corps,
        /// How many posts.
        pub count: i32,
        /// What the document says of it: « IUT/IP section 61 ».
        pub qualifier: Option<String>,
        /// Who pays, when it is said.
        pub funding: Option<String>,
        /// The objectives it serves.
        pub objectives: Vec<Code>,
        /// It helps the structure to take shape.
        pub structuring: bool,
        /// Where else the document prints the very same post: it counts once.
        pub also_printed_in: Option<String>,
        /// How far it has come.
        pub realisation: Realisation,
        /// « donnée fictive », or where a transcribed line comes from.
        pub provenance: Option<String>,
    }
}

record! {
    /// A cell of a printed table that holds something. One that was left blank is not there: blank is not zero.
    pub struct PrintedCell {
        /// Its column.
        pub corps: Corps,
        /// What it says.
        pub text: String,
        /// How many posts that was read as.
        pub count: i32,
    }
}

record! {
    /// A row of a printed table.
    pub struct PrintedRow {
        /// The year; absent is « non connue ».
        pub year: Option<i32>,
        /// As printed.
        pub year_printed: String,
        /// The part.
        pub part: Part,
        /// As printed.
        pub part_printed: String,
        /// What its cells say.
        pub cells: Vec<PrintedCell>,
        /// Lines of the source document.
        pub lines: Vec<i32>,
    }
}

record! {
    /// A printed total of one corps; a printed 0 is written.
    pub struct PrintedCount {
        /// Its column.
        pub corps: Corps,
        /// As printed.
        pub count: i32,
    }
}

record! {
    /// A printed row of totals.
    pub struct PrintedTotal {
        /// As printed.
        pub label: String,
        /// The part.
        pub part: Part,
        /// As printed: « 20% (n=9) ».
        pub part_printed: String,
        /// The printed n.
        pub count: i32,
        /// By corps.
        pub cells: Vec<PrintedCount>,
        /// Lines of the source document.
        pub lines: Vec<i32>,
    }
}

record! {
    /// A table of posts as the signed document prints it.
    pub struct PostTable {
        /// Stable code.
        pub code: Code,
        /// Title as printed.
        pub title: String,
        /// The origins whose lines it counts.
        pub origins: Vec<Origin>,
        /// Its rows, in order.
        pub rows: Vec<PrintedRow>,
        /// Its totals, in order.
        pub totals: Vec<PrintedTotal>,
    }
}

words! {
    /// A row of the table of the potential.
    pub enum PotentialRow {
        /// Certain departures.
        Certain = "certain",
        /// Half of the possible ones.
        Possible = "possible_50",
        /// Their sum.
        Total = "total",
    }
}

record! {
    /// A printed row of the potential, of one family.
    pub struct PrintedPotential {
        /// Which row.
        pub row: PotentialRow,
        /// As printed.
        pub label: String,
        /// The printed total.
        pub total: Decimal,
        /// The printed 80 %.
        pub share_80: Decimal,
        /// The printed 20 %.
        pub share_20: Decimal,
        /// Lines of the source document.
        pub lines: Vec<i32>,
    }
}

record! {
    /// The recruitment potential of one family: information, not a bound (docs/regles.md §6).
    pub struct Potential {
        /// Stable code.
        pub code: Code,
        /// Whose.
        pub family: Family,
        /// Title as printed.
        pub title: String,
        /// Departures that are certain.
        pub certain: Decimal,
        /// Departures that are possible; half of them count.
        pub possible: Decimal,
        /// What was printed.
        pub printed: Vec<PrintedPotential>,
    }
}

/// What only some people may see of a post: never in the document, the plan's journal, a search or an export.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Confidential {
    /// Number of the support.
    pub support_number: Option<String>,
    /// Why its holder leaves.
    pub departure_reason: Option<String>,
    /// When.
    pub departure_on: Option<NaiveDate>,
}

/// The lines, the tables printed of them and the potential of one plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Posts {
    /// Lines, in order.
    pub lines: Vec<PostLine>,
    /// Printed tables, in order.
    pub tables: Vec<PostTable>,
    /// The potential, by family.
    pub potential: Vec<Potential>,
}
