//! The states of a measure, in the order of their severity.

use crate::words;

words! {
    /// Where a measure stands. The order is that of severity, worst first: a node shows its worst. NA comes last: it is
    /// an answer, and hides nothing of its neighbours.
    pub enum State {
        /// Worse than the reference.
        Receding = "en-recul",
        /// Worse than expected at this period.
        Late = "en-retard",
        /// No judgement can be made.
        NotAssessable = "non-evaluable",
        /// No value yet.
        NoData = "sans-donnee",
        /// As expected.
        OnTrack = "conforme",
        /// The target is reached.
        Reached = "atteinte",
        /// Answered: does not apply.
        NotApplicable = "non-applicable",
    }
}

impl State {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Receding => "En recul",
            Self::Late => "En retard",
            Self::NotAssessable => "Non évaluable",
            Self::NoData => "Sans donnée",
            Self::NotApplicable => "Non applicable",
            Self::OnTrack => "Conforme",
            Self::Reached => "Atteinte",
        }
    }

    /// « 2 en retard », « 3 conformes ».
    pub fn counted(self, count: usize) -> String {
        let word = self.label().to_lowercase();
        let plural = count > 1;
        match self {
            Self::OnTrack | Self::Reached if plural => format!("{count} {word}s"),
            Self::NotAssessable if plural => format!("{count} non évaluables"),
            Self::NotApplicable if plural => format!("{count} non applicables"),
            _ => format!("{count} {word}"),
        }
    }
}
