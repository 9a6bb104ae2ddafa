//! « Où en est le contrat »: the contract this person works in, whole, by theme.

use crate::contract::views::contract::anchor;
use crate::dialogue::store::Part;
use crate::dialogue::window::window;
use crate::home::model::Waiting;
use crate::indicators::progress::State;
use crate::indicators::sheet::{Line, provenances};
use crate::indicators::tree::{Branch, hangs, level};
use crate::jalons::model::{Calendar, Jalon};
use crate::jalons::summary::Summary;
use crate::kernel::figure;
use crate::plans::store::{Header, Outline};
use crate::reserves::Reserves;

/// The contract this person works in, whole.
pub struct Focus {
    /// The plan.
    pub header: Header,
    /// Its latest dialogue.
    pub part: Option<Part>,
    /// Texts, adoption, tree.
    pub outline: Outline,
    /// Its measures with their figures.
    pub lines: Vec<Line>,
    /// Its jalons.
    pub jalons: Vec<Jalon>,
    /// Those this person may say something of.
    pub own_jalons: Vec<Jalon>,
    /// What waits for this person.
    pub waiting: Waiting,
    /// They direct the structure.
    pub directs: bool,
    /// What the document says in several ways.
    pub reserves: Reserves,
    /// Today, and the dates that the réserves give to jalons.
    pub calendar: Calendar,
}

impl Focus {
    pub(super) fn contract_href(&self) -> String {
        format!("/plans/{}", self.header.plan.code)
    }

    pub(super) fn window(&self, part: &Part) -> String {
        window(part, self.calendar.today)
    }

    pub(super) fn provenances(&self) -> Vec<&str> {
        provenances(&self.lines)
    }

    /// « 2 atteints, 1 en retard », for a theme; empty without jalon.
    pub(super) fn jalons_of(&self, branch: &Branch<'_>) -> String {
        let below = self.jalons.iter().filter(|jalon| hangs(&self.outline.nodes, &jalon.node, &branch.node.code));
        Summary::of(below, &self.calendar).words()
    }

    /// The level above objectives: few enough to be read at a glance.
    pub(super) fn themes(&self) -> Vec<Branch<'_>> {
        level(&self.outline.nodes, &self.lines, self.level())
    }

    fn level(&self) -> i32 {
        let deepest = self.outline.nodes.iter().map(|node| node.level).max().unwrap_or(1);
        (deepest - 1).max(1)
    }

    pub(super) fn level_name(&self) -> &str {
        let place = usize::try_from(self.level()).unwrap_or(1).saturating_sub(1);
        self.header.plan.levels.get(place).map_or("Niveau", String::as_str)
    }

    pub(super) fn theme_href(&self, branch: &Branch<'_>) -> String {
        format!("/plans/{}#{}", self.header.plan.code, anchor(branch.node.code.as_str()))
    }

    pub(super) fn mean(branch: &Branch<'_>) -> Option<(String, String)> {
        let mean = branch.summary.mean?;
        Some((figure::round(mean, 1).to_string(), figure::show_percent(mean, 1)))
    }

    pub(super) fn worst(branch: &Branch<'_>) -> Option<(State, String)> {
        branch.summary.worst().map(|(state, count)| (state, state.counted(count)))
    }
}
