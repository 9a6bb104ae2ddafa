//! Who a person is here: a function, roles, and what each role reads (docs/regles.md §8).

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use crate::words;

words! {
    /// A role. What each reads and writes is docs/regles.md §8.
    pub enum Role {
        /// Director of a structure.
        Director = "director",
        /// Given some indicators or jalons of a plan.
        Contributor = "contributor",
        /// Directoire.
        Directoire = "directoire",
        /// Finance.
        Finance = "finance",
        /// Ressources humaines.
        Rh = "rh",
        /// Steering service (SAPCG).
        Pilotage = "pilotage",
        /// Reads what is published.
        Reader = "reader",
        /// Accounts and grants, no business data.
        Admin = "admin",
    }
}

impl Role {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Director => "Direction de structure",
            Self::Contributor => "Contribution",
            Self::Directoire => "Directoire",
            Self::Finance => "Finances",
            Self::Rh => "Ressources humaines",
            Self::Pilotage => "Pilotage (SAPCG)",
            Self::Reader => "Lecture",
            Self::Admin => "Administration",
        }
    }

    /// Reads every plan, whatever the structure.
    pub const fn reads_every_plan(self) -> bool {
        matches!(self, Self::Directoire | Self::Finance | Self::Rh | Self::Pilotage)
    }
}

/// What a grant bears on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole establishment.
    Establishment,
    /// One structure and its plans.
    Structure {
        /// Database id.
        id: i64,
        /// Stable code.
        code: String,
    },
    /// Some indicators, measures or jalons of one plan.
    Items {
        /// Database id of the plan.
        plan_id: i64,
        /// Its code.
        plan: String,
        /// The codes given: `13`, `13.a`, `J16.a`.
        items: Vec<String>,
    },
}

/// A role with its scope, in force or not according to its dates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// What it bears on.
    pub scope: Scope,
    /// First day; `None` from the start.
    pub starts_on: Option<NaiveDate>,
    /// Last day, included; `None` without end.
    pub ends_on: Option<NaiveDate>,
}

impl Grant {
    /// In force on a day.
    pub fn holds_on(&self, day: NaiveDate) -> bool {
        self.starts_on.is_none_or(|first| first <= day) && self.ends_on.is_none_or(|last| day <= last)
    }
}

/// A signed-in person, with the grants in force today.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Database id of the account.
    pub account_id: i64,
    /// Address used to sign in.
    pub email: String,
    /// The function, as the journal shows it.
    pub function: String,
    /// Grants in force.
    pub grants: Vec<Grant>,
}

impl User {
    /// Holds the role, whatever its scope.
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    /// Directs this structure.
    pub fn directs(&self, structure_id: i64) -> bool {
        self.grants.iter().any(|grant| {
            grant.role == Role::Director && matches!(grant.scope, Scope::Structure { id, .. } if id == structure_id)
        })
    }

    /// Was given this indicator, measure or jalon of this plan; a measure comes with its indicator.
    pub fn contributes_to(&self, plan_id: i64, codes: &[&str]) -> bool {
        self.grants.iter().any(|grant| match &grant.scope {
            Scope::Items { plan_id: id, items, .. } if grant.role == Role::Contributor && *id == plan_id => {
                items.iter().any(|item| codes.contains(&item.as_str()))
            }
            _ => false,
        })
    }

    /// Sees the plan at all; when not, it does not exist for this person (404).
    pub fn reads_plan(&self, plan_id: i64, structure_id: i64) -> bool {
        self.grants.iter().any(|grant| {
            grant.role.reads_every_plan()
                || match &grant.scope {
                    Scope::Structure { id, .. } => grant.role == Role::Director && *id == structure_id,
                    Scope::Items { plan_id: id, .. } => grant.role == Role::Contributor && *id == plan_id,
                    Scope::Establishment => false,
                }
        })
    }

    /// Sees the engagements of a structure's plans: its director, and whoever reads every plan. Finance and human
    /// resources give their avis on requests (docs/regles.md §8).
    pub fn reads_commitments(&self, structure_id: i64) -> bool {
        self.directs(structure_id) || self.grants.iter().any(|grant| grant.role.reads_every_plan())
    }

    /// Follows the dialogues of a structure's plans: its director, and those who read every plan.
    pub fn reads_dialogues(&self, structure_id: i64) -> bool {
        self.directs(structure_id) || self.grants.iter().any(|grant| grant.role.reads_every_plan())
    }

    /// Runs campaigns.
    pub fn runs_campaigns(&self) -> bool {
        self.has(Role::Pilotage) || self.has(Role::Directoire)
    }

    /// Sees the posts of a structure's plans (docs/regles.md §8).
    pub fn reads_posts(&self, structure_id: i64) -> bool {
        self.has(Role::Pilotage) || self.reads_confidential_posts(structure_id)
    }

    /// Sees their confidential fields too. The database decides by itself what it shows (`migrations/0005_posts.sql`);
    /// this only says what a page asks it for.
    pub fn reads_confidential_posts(&self, structure_id: i64) -> bool {
        self.has(Role::Rh) || self.has(Role::Directoire) || self.directs(structure_id)
    }

    /// Sees the budget of a structure's plans (docs/regles.md §8): not the RH, nor a contributor.
    pub fn reads_budget(&self, structure_id: i64) -> bool {
        self.directs(structure_id) || self.reads_every_budget()
    }

    /// Sees the budget of every plan.
    pub fn reads_every_budget(&self) -> bool {
        [Role::Finance, Role::Directoire, Role::Pilotage].into_iter().any(|role| self.has(role))
    }

    /// Sees the contracts being written, whatever the structure; its director sees those of a structure
    /// (docs/regles.md §9).
    pub fn reads_every_draft(&self) -> bool {
        self.has(Role::Pilotage) || self.has(Role::Directoire)
    }

    /// Sees a structure's contracts while they are written.
    pub fn reads_drafts(&self, structure_id: i64) -> bool {
        self.directs(structure_id) || self.reads_every_draft()
    }

    /// Sees every structure's dialogue side by side (docs/regles.md §9).
    pub fn reads_every_dialogue(&self) -> bool {
        self.has(Role::Directoire) || self.has(Role::Pilotage)
    }

    /// What the plans' SQL needs to apply [`Self::reads_plan`] to a list.
    pub fn reach(&self) -> Reach {
        let mut reach = Reach { drafts: self.reads_every_draft(), ..Reach::default() };
        for grant in &self.grants {
            reach.everything |= grant.role.reads_every_plan();
            match &grant.scope {
                Scope::Structure { id, .. } if grant.role == Role::Director => reach.structures.push(*id),
                Scope::Items { plan_id, .. } if grant.role == Role::Contributor => reach.plans.push(*plan_id),
                _ => {}
            }
        }
        reach
    }
}

/// Longest address, as mail itself bounds it.
pub const EMAIL_MAX: usize = 254;
/// Longest function, in characters: it stands in the journal's lines.
pub const FUNCTION_MAX: usize = 120;
/// How long a one-time link serves: a week's holiday fits in.
pub const INVITATION_LIFE: TimeDelta = TimeDelta::days(7);

/// An address to sign in with: lower case, unaccented, so that one person has one account.
pub fn email(text: &str) -> Result<String, String> {
    let email = text.trim().to_ascii_lowercase();
    let whole = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.contains('@')
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
    });
    if !whole || !email.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("Une adresse électronique est attendue, par exemple prenom.nom@univ.fr.".into());
    }
    if email.len() > EMAIL_MAX {
        return Err(format!("L’adresse dépasse {EMAIL_MAX} caractères."));
    }
    Ok(email)
}

/// A function, as pages and the journal show it.
pub fn function(text: &str) -> Result<String, String> {
    let function = text.trim().to_owned();
    if function.is_empty() {
        return Err("Indiquez une fonction, par exemple « Direction de l’IUT ».".into());
    }
    if function.chars().count() > FUNCTION_MAX {
        return Err(format!("La fonction dépasse {FUNCTION_MAX} caractères."));
    }
    if function.chars().any(char::is_control) {
        return Err("La fonction contient un caractère invisible, qui ne peut pas être conservé.".into());
    }
    Ok(function)
}

/// An account, as those who administer see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Database id.
    pub id: i64,
    /// Raised by every change.
    pub version: i32,
    /// Address used to sign in.
    pub email: String,
    /// The function.
    pub function: String,
    /// Made by `cpom demo`.
    pub demo: bool,
    /// A password was chosen.
    pub has_password: bool,
    /// Closed to its holder since.
    pub suspended_at: Option<DateTime<Utc>>,
    /// Last sign-in.
    pub last_sign_in_at: Option<DateTime<Utc>>,
    /// Until when its unused link serves.
    pub invited_until: Option<DateTime<Utc>>,
    /// Its holder takes reminders by mail.
    pub reminders: bool,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountState {
    /// Can sign in.
    Active,
    /// Has a link and no password yet.
    Invited,
    /// Has neither a password nor a link that serves.
    Closed,
    /// Suspended.
    Suspended,
}

impl AccountState {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Actif",
            Self::Invited => "Invité",
            Self::Closed => "Sans mot de passe",
            Self::Suspended => "Suspendu",
        }
    }
}

impl Account {
    /// Where it stands at an instant.
    pub fn state(&self, now: DateTime<Utc>) -> AccountState {
        match (self.suspended_at, self.has_password, self.invited_until) {
            (Some(_), ..) => AccountState::Suspended,
            (None, true, _) => AccountState::Active,
            (None, false, Some(until)) if now < until => AccountState::Invited,
            (None, false, _) => AccountState::Closed,
        }
    }
}

/// The plans a person reads, as a query can filter them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reach {
    /// All of them.
    pub everything: bool,
    /// Those of these structures.
    pub structures: Vec<i64>,
    /// These.
    pub plans: Vec<i64>,
    /// Those being written are among them, whatever the structure.
    pub drafts: bool,
}

impl Reach {
    /// Every plan there is: for the program itself, never for a person.
    pub fn all() -> Self {
        Self { everything: true, drafts: true, ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(grants: Vec<Grant>) -> User {
        User { account_id: 1, email: "x@demo.invalid".into(), function: "Fonction".into(), grants }
    }

    fn grant(role: Role, scope: Scope) -> Grant {
        Grant { role, scope, starts_on: None, ends_on: None }
    }

    #[test]
    fn a_director_reads_the_plans_of_their_structure_only() {
        let director = user(vec![grant(Role::Director, Scope::Structure { id: 7, code: "iut".into() })]);
        assert!(director.reads_plan(1, 7));
        assert!(!director.reads_plan(1, 8));
        assert!(director.directs(7) && !director.directs(8));
    }

    #[test]
    fn a_contributor_reads_the_plan_and_edits_what_was_given() {
        let scope = Scope::Items { plan_id: 3, plan: "p".into(), items: vec!["13".into(), "J16.a".into()] };
        let contributor = user(vec![grant(Role::Contributor, scope)]);
        assert!(contributor.reads_plan(3, 99) && !contributor.reads_plan(4, 99));
        assert!(contributor.contributes_to(3, &["13.b", "13"]));
        assert!(!contributor.contributes_to(3, &["14"]));
        assert!(!contributor.contributes_to(4, &["13"]));
    }

    #[test]
    fn admin_and_reader_read_no_plan() {
        for role in [Role::Admin, Role::Reader] {
            assert!(!user(vec![grant(role, Scope::Establishment)]).reads_plan(1, 1));
        }
        for role in [Role::Directoire, Role::Finance, Role::Rh, Role::Pilotage] {
            assert!(user(vec![grant(role, Scope::Establishment)]).reads_plan(1, 1));
        }
    }

    #[test]
    fn an_address_is_brought_to_one_form() {
        assert_eq!(email(" Direction@IUT.univ.FR ").unwrap(), "direction@iut.univ.fr");
        for text in [
            "",
            "direction",
            "@univ.fr",
            "a@b",
            "a@b@univ.fr",
            "a b@univ.fr",
            "é@univ.fr",
            "a@univ.fr\0",
            "a@.fr",
            "a@fr.",
        ] {
            assert!(email(text).is_err(), "{text}");
        }
        assert!(email(&format!("{}@univ.fr", "a".repeat(250))).is_err());
    }

    #[test]
    fn a_function_is_a_short_visible_text() {
        assert_eq!(function(" Direction de l’IUT ").unwrap(), "Direction de l’IUT");
        for text in ["", "  ", "a\0b", "a\nb", &"a".repeat(FUNCTION_MAX + 1)] {
            assert!(function(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_account_stands_somewhere() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let mut account = Account {
            id: 1,
            version: 1,
            email: "x@demo.invalid".into(),
            function: "Fonction".into(),
            demo: false,
            has_password: false,
            suspended_at: None,
            last_sign_in_at: None,
            invited_until: Some(now + INVITATION_LIFE),
            reminders: true,
        };
        assert_eq!(account.state(now), AccountState::Invited);
        assert_eq!(account.state(now + INVITATION_LIFE), AccountState::Closed);
        account.has_password = true;
        assert_eq!(account.state(now), AccountState::Active);
        account.suspended_at = Some(now);
        assert_eq!(account.state(now), AccountState::Suspended);
    }

    #[test]
    fn a_dated_grant_holds_between_its_days() {
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        let mut dated = grant(Role::Reader, Scope::Establishment);
        dated.starts_on = Some(day("2026-01-10"));
        dated.ends_on = Some(day("2026-01-20"));
        let held: Vec<bool> =
            ["2026-01-09", "2026-01-10", "2026-01-20", "2026-01-21"].map(|text| dated.holds_on(day(text))).to_vec();
        assert_eq!(held, [false, true, true, false]);
    }
}
