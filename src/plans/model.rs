//! The plan and what surrounds it: establishment, framework, structures, sections, adoption steps, the tree.
//!
//! Each shape here is an element of the canonical document (docs/regles.md §11): the same type is read from a file,
//! kept in the journal and shown on screen.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use crate::kernel::ids::Code;
use crate::{record, words};

/// Kinds of the journal: the university,
pub const ESTABLISHMENT_KIND: &str = "etablissement";
/// its structures,
pub const STRUCTURE_KIND: &str = "structure";
/// a plan,
pub const PLAN_KIND: &str = "contrat";
/// and the nodes of its tree.
pub const NODE_KIND: &str = "objectif";

record! {
    /// A named fact, in order: « Forme juridique » and its text.
    pub struct Fact {
        /// What it is.
        pub label: String,
        /// What it says.
        pub text: String,
    }
}

record! {
    /// The university: one per database.
    pub struct Establishment {
        /// Stable code.
        pub code: Code,
        /// Full name.
        pub name: String,
        /// Short name.
        pub acronym: String,
        /// Legal form, decree, flagship theme…
        pub facts: Vec<Fact>,
        /// Title of the framework (Annexe 1.a).
        pub framework_title: String,
        /// Names of the framework's levels.
        pub framework_levels: Vec<String>,
    }
}

record! {
    /// One objective of the establishment's framework.
    pub struct FrameworkRow {
        /// Stable code, by which nodes link to the row.
        pub code: Code,
        /// First level.
        pub domain: String,
        /// Second level, as read.
        pub theme: String,
        /// Second level as printed, when the reading differs.
        pub theme_printed: Option<String>,
        /// The objective, as printed.
        pub objective: String,
        /// The printed cell is cut short.
        pub truncated: bool,
        /// Why the reading differs or is uncertain.
        pub note: Option<String>,
    }
}

words! {
    /// What a structure is.
    pub enum StructureKind {
        /// Institut.
        Institute = "institut",
        /// Composante.
        Component = "composante",
        /// Service.
        Service = "service",
    }
}

impl StructureKind {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Institute => "Institut",
            Self::Component => "Composante",
            Self::Service => "Service",
        }
    }
}

record! {
    /// A place of a structure.
    pub struct Site {
        /// Stable code.
        pub code: Code,
        /// Name.
        pub label: String,
    }
}

record! {
    /// A unit of the university with a stable short code.
    pub struct Structure {
        /// Stable code, the scope of a director's grant.
        pub code: Code,
        /// Institut, composante or service.
        pub kind: StructureKind,
        /// Full name.
        pub label: String,
        /// Short name.
        pub acronym: String,
        /// Its places.
        pub sites: Vec<Site>,
    }
}

words! {
    /// What a plan is; its level names come with it.
    pub enum PlanKind {
        /// Contrat pluriannuel d'objectifs et de moyens.
        Cpom = "cpom",
        /// Schéma directeur.
        MasterPlan = "schema_directeur",
        /// Contribution régionale.
        RegionalContribution = "contribution_regionale",
    }
}

impl PlanKind {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Cpom => "Contrat pluriannuel d’objectifs et de moyens",
            Self::MasterPlan => "Schéma directeur",
            Self::RegionalContribution => "Contribution régionale",
        }
    }

    /// In a title: « Contrat 2021-2026 ».
    pub const fn short(self) -> &'static str {
        match self {
            Self::Cpom => "Contrat",
            Self::MasterPlan => "Schéma directeur",
            Self::RegionalContribution => "Contribution régionale",
        }
    }
}

record! {
    /// The contract itself, its elements apart.
    pub struct Plan {
        /// Stable code, in every URL.
        pub code: Code,
        /// Kind.
        pub kind: PlanKind,
        /// Title as printed.
        pub title: String,
        /// First year (docs/regles.md §3).
        pub first_year: i32,
        /// Last year.
        pub last_year: i32,
        /// Names of the tree's levels, from the root.
        pub levels: Vec<String>,
        /// Who concludes with whom, how often it is reviewed…
        pub parties: Vec<Fact>,
        /// Annexes, and why some are withheld.
        pub annexes: Vec<Fact>,
        /// A sentence shown beside the title.
        pub notice: Option<String>,
        /// Deviation that asks for an explanation, in percent of |target − reference| (docs/regles.md §9).
        pub deviation_threshold: Decimal,
        /// Still being written: absent once it is signed. The record of a signature may have lost its date, so this is
        /// said and not guessed from the steps (docs/regles.md §9).
        pub draft: bool,
    }
}

impl PlanKind {
    /// Names of the tree's levels, for a plan that begins.
    pub const fn levels(self) -> &'static [&'static str] {
        match self {
            Self::Cpom => &["Domaine", "Thématique", "Objectif"],
            Self::MasterPlan => &["Axe", "Ambition", "Perspective"],
            Self::RegionalContribution => &["Objectif", "Action"],
        }
    }
}

impl Plan {
    /// « Contrat 2021-2026 ».
    pub fn name(&self) -> String {
        format!("{} {}", self.kind.short(), self.years())
    }

    /// « 2021-2026 ».
    pub fn years(&self) -> String {
        format!("{}-{}", self.first_year, self.last_year)
    }
}

record! {
    /// An ordered text of the plan.
    pub struct Section {
        /// Stable code.
        pub code: Code,
        /// Title.
        pub title: String,
        /// Paragraphs, separated by blank lines.
        pub body: String,
    }
}

words! {
    /// What a body did.
    pub enum Act {
        /// Adoption.
        Adoption = "adoption",
        /// Vote.
        Vote = "vote",
        /// Avis.
        Opinion = "avis",
        /// Signature.
        Signature = "signature",
    }
}

impl Act {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Adoption => "Adoption",
            Self::Vote => "Vote",
            Self::Opinion => "Avis",
            Self::Signature => "Signature",
        }
    }
}

record! {
    /// A vote, each count absent when the record does not say it.
    pub struct Vote {
        /// Membres en exercice.
        pub in_office: Option<i32>,
        /// Présents.
        pub present: Option<i32>,
        /// Représentés.
        pub represented: Option<i32>,
        /// Votants.
        pub voters: Option<i32>,
        /// Pour.
        pub in_favour: Option<i32>,
        /// Contre.
        pub against: Option<i32>,
        /// Abstentions.
        pub abstentions: Option<i32>,
        /// Ne prend pas part au vote.
        pub no_part: Option<i32>,
        /// Lines of the source document.
        pub lines: Vec<i32>,
    }
}

impl Vote {
    /// The counts with their labels, in the order a deliberation prints them, unrecorded ones left out.
    pub fn counts(&self) -> Vec<(&'static str, i32)> {
        [
            ("Membres en exercice", self.in_office),
            ("Présents", self.present),
            ("Représentés", self.represented),
            ("Votants", self.voters),
            ("Pour", self.in_favour),
            ("Contre", self.against),
            ("Abstentions", self.abstentions),
            ("Ne prend pas part au vote", self.no_part),
        ]
        .into_iter()
        .filter_map(|(label, count)| count.map(|count| (label, count)))
        .collect()
    }
}

record! {
    /// A step of the adoption of a plan, or of one of its avenants (docs/regles.md §9).
    pub struct AdoptionStep {
        /// Stable code.
        pub code: Code,
        /// The body: conseil d'administration, directoire…
        pub body: String,
        /// What it did.
        pub act: Act,
        /// On what.
        pub label: String,
        /// When; absent is « non renseignée ».
        pub held_on: Option<NaiveDate>,
        /// The date as printed.
        pub date_printed: Option<String>,
        /// Reference of the act.
        pub reference: Option<String>,
        /// The vote, when one is recorded.
        pub vote: Option<Vote>,
        /// Transmission to the recteur; absent is « non renseignée ».
        pub transmitted_on: Option<NaiveDate>,
        /// Publication; absent is « non renseignée ».
        pub published_on: Option<NaiveDate>,
        /// The avenant it adopts; absent for a step of the plan itself.
        pub avenant: Option<Code>,
    }
}

impl AdoptionStep {
    /// The day it was held, or the date as printed; `None` when neither is known.
    pub fn day(&self) -> Option<String> {
        self.held_on.map(|day| day.to_string()).or_else(|| self.date_printed.clone())
    }

    /// On how many days steps of the plan itself were held: those of an avenant came later.
    pub fn days<'a>(steps: impl IntoIterator<Item = &'a Self>) -> usize {
        let own = steps.into_iter().filter(|it| it.avenant.is_none());
        own.filter_map(Self::day).collect::<BTreeSet<_>>().len()
    }
}

record! {
    /// One level of the tree: domaine, thématique, objectif, or axe, ambition…
    pub struct Node {
        /// Stable code.
        pub code: Code,
        /// The node above; absent at the root level.
        pub parent: Option<Code>,
        /// 1 is the root level; names are the plan's.
        pub level: i32,
        /// Label.
        pub label: String,
        /// Printed wording when the label retained differs.
        pub label_printed: Option<String>,
        /// Exposé.
        pub statement: Option<String>,
        /// Codes of the framework rows it declines.
        pub framework_rows: Vec<Code>,
    }
}
