//! The journal of a plan and of a figure: what their templates ask.

use askama::Template;
use askama_web::WebTemplate;
use chrono::NaiveDate;

use super::said::{Said, measure_of};
use crate::avenants::model::AVENANT_KIND;
use crate::contract::telling::{KINDS, counted, measured, name, thing};
use crate::indicators::model::Measure;
use crate::indicators::telling::{self, Told};
use crate::jalons::model::JALON_KIND;
use crate::journal::model::{Batch, Entry, Source};
use crate::journal::store::Search;
use crate::kernel::date;
use crate::kernel::period::Period;
use crate::plans::model::Plan;
use crate::web::error::url_encode;
use crate::web::page::Page;

/// The journal of a plan.
#[derive(Template, WebTemplate)]
#[template(path = "contract/journal.html")]
pub struct JournalPage {
    /// Frame.
    pub page: Page,
    /// The plan.
    pub plan: Plan,
    /// Its measures: units and labels.
    pub measures: Vec<Measure>,
    /// The code looked for, as typed.
    pub typed_code: String,
    /// The filter.
    pub search: Search,
    /// What was found.
    pub batches: Vec<Batch>,
    /// There is an older page.
    pub more: bool,
}

/// An option of a select.
pub struct Choice {
    value: &'static str,
    label: &'static str,
    chosen: bool,
}

impl JournalPage {
    fn address(&self) -> String {
        format!("/plans/{}/journal", self.plan.code)
    }

    fn kinds(&self) -> Vec<Choice> {
        KINDS
            .iter()
            .filter(|kind| !self.search.hidden.contains(&kind.word))
            .map(|kind| Choice {
                value: kind.word,
                label: kind.label,
                chosen: self.search.kind.as_deref() == Some(kind.word),
            })
            .collect()
    }

    fn sources(&self) -> Vec<Choice> {
        [(Source::Page, "Une page"), (Source::Import, "Un import"), (Source::Command, "Une commande")]
            .into_iter()
            .map(|(source, label)| Choice { value: source.word(), label, chosen: self.search.source == Some(source) })
            .collect()
    }

    fn is_filtered(&self) -> bool {
        let Search { kind, code, source, import_id, .. } = &self.search;
        kind.is_some() || code.is_some() || source.is_some() || import_id.is_some()
    }

    fn heading(&self) -> String {
        match (self.search.import_id, self.search.before) {
            (Some(import), _) => format!("Changements de l’import n° {import}"),
            (None, Some(_)) => "Changements plus anciens".into(),
            (None, None) => "Derniers changements".into(),
        }
    }

    /// The same filter, further back.
    fn older(&self) -> Option<String> {
        let last = self.batches.last().filter(|_| self.more)?;
        Some(format!("{}?{}before={}", self.address(), self.filter(), last.head))
    }

    /// The filter as a query, with its final `&` when there is one.
    fn filter(&self) -> String {
        let Search { kind, source, import_id, .. } = &self.search;
        [
            ("kind", kind.clone().unwrap_or_default()),
            ("code", self.typed_code.clone()),
            ("source", source.map_or_else(String::new, |source| source.word().to_owned())),
            ("import", import_id.map_or_else(String::new, |import| import.to_string())),
        ]
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .fold(String::new(), |query, (key, value)| format!("{query}{key}={}&", url_encode(value)))
    }

    fn whole_import(&self, import: i64) -> String {
        format!("{}?import={import}", self.address())
    }

    /// The import told as one line: more than one entry of it was found.
    fn import_of(batch: &Batch) -> Option<i64> {
        batch.entries.first().and_then(|entry| entry.import_id).filter(|_| batch.size > 1)
    }

    /// « 78 situations, 16 mesures ».
    fn contents(batch: &Batch) -> String {
        let counts: Vec<String> = batch.kinds.iter().map(|(kind, count)| counted(kind, *count)).collect();
        counts.join(", ")
    }

    fn measure(&self, entry: &Entry) -> Option<&Measure> {
        measure_of(entry, &self.measures)
    }

    fn thing(&self, entry: &Entry) -> String {
        thing(entry, &self.plan)
    }

    /// What the thing is called, beside its code.
    fn about(&self, entry: &Entry) -> String {
        self.measure(entry).map_or_else(|| name(entry), |measure| measure.label.clone())
    }

    /// The journal of the figure itself, or the page of the jalon or of the avenant.
    fn figure(&self, entry: &Entry) -> Option<String> {
        if entry.kind == JALON_KIND && entry.after.is_some() {
            return Some(format!("/plans/{}/jalons/{}", self.plan.code, entry.code));
        }
        if entry.kind == AVENANT_KIND && entry.after.is_some() {
            return Some(format!("/plans/{}/avenants/{}", self.plan.code, entry.code));
        }
        let measure = self.measure(entry)?;
        let (_, period) = telling::place(entry)?;
        Some(figure_journal(self.plan.code.as_str(), measure.code.as_str(), period))
    }

    fn said(&self, entry: &Entry) -> Said {
        Said::of(entry, self.measure(entry))
    }

    fn iso(entry: &Entry) -> String {
        date::machine(entry.at)
    }

    fn when(entry: &Entry) -> String {
        date::time(entry.at)
    }
}

/// The address of a figure's journal.
pub fn figure_journal(plan: &str, measure: &str, period: Period) -> String {
    format!("/plans/{plan}/measures/{measure}/cells/{period}/journal")
}

/// The journal of a figure.
#[derive(Template, WebTemplate)]
#[template(path = "contract/figure_journal.html")]
pub struct FigurePage {
    /// Frame.
    pub page: Page,
    /// The plan.
    pub plan: Plan,
    /// The measure.
    pub measure: Measure,
    /// The period.
    pub period: Period,
    /// When the figure falls due.
    pub due_on: NaiveDate,
    /// Its versions, newest first.
    pub entries: Vec<Entry>,
}

impl FigurePage {
    fn fiche(&self) -> String {
        format!("/plans/{}/indicators/{}", self.plan.code, self.measure.indicator)
    }

    fn figure(&self) -> String {
        measured(self.measure.code.as_str())
    }

    fn told(&self) -> Vec<Told> {
        self.entries.iter().map(|entry| telling::told(entry, self.measure.unit_kind)).collect()
    }

    /// « valeur actuelle : 571 ».
    fn present(&self) -> String {
        let after = self.entries.first().map(|entry| telling::told(entry, self.measure.unit_kind).after);
        match after.as_deref() {
            None | Some("") => format!("pas encore de valeur ; attendue pour le {}", date::short(self.due_on)),
            Some(after) => format!("valeur actuelle : {after}"),
        }
    }
}
