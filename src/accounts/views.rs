//! What the pages of accounts show.

use askama::Template;
use askama_web::WebTemplate;
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use super::granting::{Asked, Held, Places, PlanPlace, Refused};
use super::model::{Account, AccountState, Grant, Role, Scope, User};
use super::password::Errors;
use super::session::Open;
use crate::kernel::clock::day;
use crate::kernel::date;
use crate::web::page::{Flash, NO_ESTABLISHMENT, NavItem, Page};

/// The frame of a page that nobody is signed in to.
pub fn bare(establishment: &str, title: impl Into<String>, flash: Option<Flash>) -> Page {
    let establishment = if establishment.is_empty() { NO_ESTABLISHMENT } else { establishment };
    Page {
        title: title.into(),
        establishment: establishment.to_owned(),
        nav: Vec::new(),
        plan: Vec::new(),
        user: None,
        flash,
    }
}

/// The frame of a signed-in person's page; `current` is the address of its entry in the navigation. The pages of a
/// plan add theirs (`plans::views::within_plan`).
pub fn frame(user: &User, establishment: &str, title: impl Into<String>, current: &str) -> Page {
    let mut page = bare(establishment, title, None);
    let mut link = |href: &str, label| page.nav.push(NavItem { href: href.into(), label, current: href == current });
    link("/", "Accueil");
    if user.reads_every_budget() {
        link("/finance", "Finance");
    }
    if user.runs_campaigns() {
        link("/admin/campaigns", "Campagnes");
    }
    if user.has(Role::Director) {
        link("/delegations", "Délégations");
    }
    if user.has(Role::Admin) {
        link("/admin/accounts", "Comptes");
    }
    page.user = Some(user.function.clone());
    page
}

/// Sign-in.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/sign_in.html")]
pub struct SignInPage {
    page: Page,
    /// As typed.
    pub email: String,
    /// Where to go afterwards.
    pub suite: String,
    /// Why it was refused.
    pub error: String,
}

impl SignInPage {
    /// An empty form.
    pub const fn new(page: Page) -> Self {
        Self { page, email: String::new(), suite: String::new(), error: String::new() }
    }
}

/// One's own account.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/account.html")]
pub struct AccountPage {
    /// Frame.
    pub page: Page,
    /// Address.
    pub email: String,
    /// Function.
    pub function: String,
    /// Every grant, in force or not.
    pub grants: Vec<Held>,
    /// Open sessions.
    pub sessions: Vec<Open>,
    /// The one that asks.
    pub this: Uuid,
    /// Today.
    pub today: NaiveDate,
    /// What is wrong with the password form.
    pub errors: Errors,
}

impl AccountPage {
    fn gives(&self) -> Vec<&'static str> {
        let mut gives: Vec<&str> = self
            .grants
            .iter()
            .filter(|held| held.grant.holds_on(self.today))
            .map(|held| held.grant.role.gives())
            .collect();
        gives.dedup();
        gives
    }
}

/// A link to choose a password.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/invitation.html")]
pub struct InvitationPage {
    /// Frame.
    pub page: Page,
    /// Address of the account.
    pub email: String,
    /// Its function.
    pub function: String,
    /// No password was chosen before.
    pub first: bool,
    /// What is wrong.
    pub errors: Errors,
}

/// A link that opens nothing.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/invitation_over.html")]
pub struct InvitationOverPage {
    /// Frame.
    pub page: Page,
    /// It once served, or could have.
    pub known: bool,
}

/// The invitation form, as it was posted.
#[derive(Debug, Clone, Default)]
pub struct InviteForm {
    /// As typed.
    pub email: String,
    /// What is wrong with it.
    pub email_error: String,
    /// As typed.
    pub function: String,
    /// What is wrong with it.
    pub function_error: String,
}

impl InviteForm {
    /// Something is wrong.
    pub const fn is_refused(&self) -> bool {
        !self.email_error.is_empty() || !self.function_error.is_empty()
    }
}

/// Every account.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/accounts.html")]
pub struct AccountsPage {
    /// Frame.
    pub page: Page,
    /// By address.
    pub accounts: Vec<Account>,
    /// All their grants.
    pub grants: Vec<Held>,
    /// Now.
    pub now: DateTime<Utc>,
    /// Today.
    pub today: NaiveDate,
    /// The invitation form.
    pub form: InviteForm,
}

impl AccountsPage {
    fn summary(&self) -> String {
        let count = |state| self.accounts.iter().filter(|account| account.state(self.now) == state).count();
        let mut parts = vec![plural(self.accounts.len(), "compte", "comptes")];
        let (suspended, invited) = (count(AccountState::Suspended), count(AccountState::Invited));
        if suspended > 0 {
            parts.push(plural(suspended, "suspendu", "suspendus"));
        }
        if invited > 0 {
            parts.push(plural(invited, "invitation en attente", "invitations en attente"));
        }
        parts.join(", ")
    }

    fn state(&self, account: &Account) -> AccountState {
        account.state(self.now)
    }

    /// The roles in force, in one line.
    fn roles(&self, account: &Account) -> String {
        let held = self.grants.iter().filter(|held| held.account_id == account.id && held.grant.holds_on(self.today));
        let roles: Vec<String> = held
            .map(|held| match &held.grant.scope {
                Scope::Establishment => held.grant.role.label().to_owned(),
                Scope::Structure { code, .. } => format!("{} ({code})", held.grant.role.label()),
                Scope::Items { items, .. } => format!("{} ({})", held.grant.role.label(), items.join(", ")),
            })
            .collect();
        roles.join(" ; ")
    }
}

/// A one-time link, shown once.
#[derive(Debug, Clone)]
pub struct Link {
    /// Whole address.
    pub address: String,
    /// Last instant.
    pub until: DateTime<Utc>,
}

/// One account, for those who administer.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/admin_account.html")]
pub struct AdminAccountPage {
    /// Frame.
    pub page: Page,
    /// The account.
    pub account: Account,
    /// It is the visitor's own.
    pub own: bool,
    /// Its grants.
    pub grants: Vec<Held>,
    /// What may be granted.
    pub places: Places,
    /// Now.
    pub now: DateTime<Utc>,
    /// Today.
    pub today: NaiveDate,
    /// A link just made.
    pub link: Option<Link>,
    /// The grant form, as it was posted.
    pub asked: Asked,
    /// What is wrong with it.
    pub refused: Refused,
}

impl AdminAccountPage {
    fn state(&self) -> AccountState {
        self.account.state(self.now)
    }

    fn link_wait(&self) -> Option<String> {
        self.account.invited_until.filter(|until| self.now < *until).map(date::time)
    }
}

/// What a director delegated.
#[derive(Template, WebTemplate)]
#[template(path = "accounts/delegations.html")]
pub struct DelegationsPage {
    /// Frame.
    pub page: Page,
    /// Delegations on the plans of the structures directed.
    pub delegations: Vec<Held>,
    /// Those plans.
    pub plans: Vec<PlanPlace>,
    /// Today.
    pub today: NaiveDate,
    /// As typed.
    pub email: String,
    /// The rest of the form, as it was posted.
    pub asked: Asked,
    /// What is wrong with it.
    pub refused: Refused,
    /// What is wrong with the address.
    pub email_error: String,
}

impl AccountState {
    /// The state's fixed name, also its icon's.
    const fn slug(self) -> &'static str {
        match self {
            Self::Active => "valide",
            Self::Invited => "soumis",
            Self::Closed => "a-ouvrir",
            Self::Suspended => "clos",
        }
    }
}

impl Role {
    /// What it lets one do (docs/regles.md §8).
    pub const fn gives(self) -> &'static str {
        match self {
            Self::Director => {
                "lire les contrats de la structure, saisir les situations et les commentaires, déléguer une partie de la saisie"
            }
            Self::Contributor => "lire le contrat, saisir les indicateurs et les jalons confiés",
            Self::Directoire => "lire tous les contrats, arbitrer, conduire les dialogues et les campagnes",
            Self::Finance => "lire tous les contrats, hors lignes de postes ; donner un avis et tenir les montants",
            Self::Rh => "lire tous les contrats, hors budget ; donner un avis et suivre les postes",
            Self::Pilotage => "lire tous les contrats, tenir le cadre, les définitions, les campagnes et les réserves",
            Self::Reader => "lire ce qui est publié",
            Self::Admin => "gérer les comptes et les droits, sans accès aux contrats",
        }
    }
}

impl Held {
    fn scope(&self) -> String {
        let place = self.place.as_deref().unwrap_or_default();
        match &self.grant.scope {
            Scope::Establishment => "Tout l’établissement".into(),
            Scope::Structure { .. } => place.to_owned(),
            Scope::Items { items, .. } => format!("{place} : {}", items.join(", ")),
        }
    }

    /// First day: the one said, else the one it was given.
    fn since(&self) -> String {
        date::short(self.grant.starts_on.unwrap_or_else(|| day(self.granted_at)))
    }

    fn until(&self) -> String {
        self.grant.ends_on.map_or_else(|| "sans terme".into(), date::short)
    }

    fn standing(&self, today: NaiveDate) -> &'static str {
        standing(&self.grant, today)
    }
}

/// Whether a grant serves today, in words.
fn standing(grant: &Grant, today: NaiveDate) -> &'static str {
    if grant.holds_on(today) {
        "en vigueur"
    } else if grant.starts_on.is_some_and(|first| today < first) {
        "à venir"
    } else {
        "terminé"
    }
}

/// What templates call: they hold references.
fn time(instant: &DateTime<Utc>) -> String {
    date::time(*instant)
}

fn plural(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count > 1 { many } else { one })
}
