//! The columns of the matrix: the thématiques of the framework, and what is outside it.

use crate::indicators::progress::Summary;
use crate::kernel::ids::Code;
use crate::plans::model::FrameworkRow;

/// A thématique of the framework, or what no row of it covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Column {
    /// « Formation », « Professionnalisation ».
    Theme {
        /// The framework's first level.
        domain: String,
        /// Its second level.
        theme: String,
    },
    /// « Hors cadre ».
    Outside,
}

/// Longest head of a column, in characters, that is left as it is.
const HEAD_MAX: usize = 50;
/// The value of the filter that keeps what is outside the framework.
pub const OUTSIDE: &str = "hors-cadre";

impl Column {
    /// Its domaine, as shown.
    pub fn domain(&self) -> &str {
        match self {
            Self::Theme { domain, .. } => domain,
            Self::Outside => "Hors cadre",
        }
    }

    /// Its thématique, as shown.
    pub fn theme(&self) -> &str {
        match self {
            Self::Theme { theme, .. } => theme,
            Self::Outside => "Sans lien au cadre",
        }
    }

    /// Its thématique, short enough for the head of a column: a long one is cut where its own punctuation allows.
    pub fn short(&self) -> &str {
        let theme = self.theme();
        if theme.chars().count() <= HEAD_MAX {
            return theme;
        }
        theme.split([':', ',', ';', '(']).next().unwrap_or(theme).trim_end()
    }

    /// Kept by a filter that names a domaine or a thématique.
    pub fn answers(&self, wanted: &str) -> bool {
        match self {
            Self::Theme { domain, theme } => wanted == domain || wanted == theme,
            Self::Outside => wanted == OUTSIDE,
        }
    }
}

/// The columns of rows of the framework, in its order, each once.
pub fn of_rows<'f>(rows: impl IntoIterator<Item = &'f FrameworkRow>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for row in rows {
        let column = Column::Theme { domain: row.domain.clone(), theme: row.theme.clone() };
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

/// Where a contract and a thématique cross.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crossing {
    /// The node of the contract that leads there.
    pub node: Code,
    /// What its measures show; none, for an objective without indicator.
    pub summary: Summary,
    /// Some of them wait for their direction or nature to be confirmed.
    pub provisional: bool,
}
