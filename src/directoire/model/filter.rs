//! What the URL asks of the board: which contracts, in which order.

use serde::Deserialize;

use crate::access::DialogueState;
use crate::plans::model::StructureKind;
use crate::words;

words! {
    /// In which order contracts are listed.
    pub enum Sort {
        /// That of structures.
        Structure = "structure",
        /// As dialogues go, those to open first.
        Dialogue = "dialogue",
        /// The least complete first.
        Answered = "repondu",
        /// The lowest mean first; what is not computable last.
        Progress = "avancement",
        /// The most late jalons first.
        Jalons = "jalons",
        /// The most asked for first.
        Asked = "demande",
        /// The most granted first, as printed.
        Granted = "accorde",
    }
}

impl Sort {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Structure => "Structure",
            Self::Dialogue => "État du dialogue",
            Self::Answered => "Complétude, la plus faible d’abord",
            Self::Progress => "Avancement, le plus faible d’abord",
            Self::Jalons => "Jalons en retard",
            Self::Asked => "Montant demandé",
            Self::Granted => "Montant accordé",
        }
    }
}

/// The filter, as the URL says it; what is empty, or says nothing known, filters nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each field is a parameter")]
pub struct Filter {
    pub year: String,
    pub state: String,
    pub kind: String,
    pub theme: String,
    pub late: String,
    pub sort: String,
}

/// A parameter of the filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each variant is a field of the filter")]
pub enum Parameter {
    Year,
    State,
    Kind,
    Theme,
    Late,
    Sort,
}

impl Parameter {
    /// In the order of the URL.
    pub const ALL: [Self; 6] = [Self::Year, Self::State, Self::Kind, Self::Theme, Self::Late, Self::Sort];

    /// Its name in the URL.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Year => "year",
            Self::State => "state",
            Self::Kind => "kind",
            Self::Theme => "theme",
            Self::Late => "late",
            Self::Sort => "sort",
        }
    }
}

impl Filter {
    /// What it says of a parameter.
    pub fn value(&self, parameter: Parameter) -> &str {
        match parameter {
            Parameter::Year => &self.year,
            Parameter::State => &self.state,
            Parameter::Kind => &self.kind,
            Parameter::Theme => &self.theme,
            Parameter::Late => &self.late,
            Parameter::Sort => &self.sort,
        }
    }

    /// The same, with another value for a parameter.
    #[must_use]
    pub fn with(&self, parameter: Parameter, value: &str) -> Self {
        let mut other = self.clone();
        let field = match parameter {
            Parameter::Year => &mut other.year,
            Parameter::State => &mut other.state,
            Parameter::Kind => &mut other.kind,
            Parameter::Theme => &mut other.theme,
            Parameter::Late => &mut other.late,
            Parameter::Sort => &mut other.sort,
        };
        value.clone_into(field);
        other
    }

    /// The parameters that say something, in order.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let pairs = Parameter::ALL.map(|parameter| (parameter.word(), self.value(parameter)));
        pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// The campaign asked for; none is each contract's latest.
    pub fn year(&self) -> Option<i32> {
        self.year.parse().ok()
    }

    /// The order asked for.
    pub fn sort(&self) -> Sort {
        Sort::from_word(&self.sort).unwrap_or(Sort::Structure)
    }

    /// The state of dialogue asked for.
    pub fn state(&self) -> Option<DialogueState> {
        DialogueState::from_word(&self.state)
    }

    /// The kind of structure asked for.
    pub fn kind(&self) -> Option<StructureKind> {
        StructureKind::from_word(&self.kind)
    }

    /// Only what is late is asked for.
    pub const fn late_only(&self) -> bool {
        !self.late.is_empty()
    }
}
