//! « Les contrats »: those this person reads, each with where its dialogue stands.

use super::HomePage;
use crate::dialogue::store::Part;
use crate::dialogue::window::window;
use crate::plans::store::Header;

/// A contract in the list.
#[derive(Debug, Clone)]
pub struct Contract {
    /// The plan.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// Saisie is open to this person.
    pub enters: bool,
}

impl HomePage {
    pub(super) fn window(&self, part: &Part) -> String {
        window(part, self.today)
    }

    pub(super) fn answered(part: &Part) -> String {
        format!("{}\u{202f}%", part.completeness.answered_percent())
    }
}
