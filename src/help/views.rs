//! What the pages of help show.

use askama::Template;
use askama_web::WebTemplate;

use crate::accounts::model::Role;
use crate::plans::store::Header;
use crate::web::page::Page;

/// One line a role.
#[derive(Template, WebTemplate)]
#[template(path = "help/hub.html")]
pub struct HelpPage {
    /// Frame.
    pub page: Page,
    /// Every role, the visitor's own first.
    pub roles: Vec<Role>,
    /// How many of them are the visitor's own.
    pub own: usize,
}

impl HelpPage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "templates hand over references")]
    const fn is_own(&self, index: &usize) -> bool {
        *index < self.own
    }

    #[expect(clippy::unused_self, clippy::trivially_copy_pass_by_ref, reason = "templates call methods of their page")]
    const fn about(&self, role: &Role) -> &'static str {
        match role {
            Role::Director => {
                "Saisir ce qui est attendu, expliquer les écarts, soumettre, déléguer une partie de la saisie."
            }
            Role::Contributor => "Saisir les indicateurs qui vous sont confiés.",
            Role::Directoire => "Ouvrir les campagnes, examiner les dialogues soumis, les retourner ou les valider.",
            Role::Finance | Role::Rh => "Lire les contrats, leurs indicateurs et leur journal.",
            Role::Pilotage => "Tenir les campagnes, saisir les indicateurs que le pilotage produit.",
            Role::Reader => "Ce que ce rôle voit aujourd’hui.",
            Role::Admin => "Inviter, donner et retirer les droits, suspendre un compte.",
        }
    }
}

/// What one role can do, step by step.
#[derive(Template, WebTemplate)]
#[template(path = "help/role.html")]
pub struct RolePage {
    /// Frame.
    pub page: Page,
    /// The role.
    pub role: Role,
}

/// Every page a visitor can go to.
#[derive(Template, WebTemplate)]
#[template(path = "help/sitemap.html")]
#[expect(clippy::struct_excessive_bools, reason = "a person holds any of the roles, each opens its own pages")]
pub struct SitemapPage {
    /// Frame.
    pub page: Page,
    /// The plans they read, each with the year of its campaign when they enter something there.
    pub plans: Vec<(Header, Option<i32>)>,
    /// Decisions are shown to them.
    pub decisions: bool,
    /// Those of them whose dialogues they follow.
    pub followed: Vec<i64>,
    /// They run campaigns.
    pub campaigns: bool,
    /// They prepare contracts.
    pub pilotage: bool,
    /// They delegate.
    pub director: bool,
    /// They administer accounts.
    pub admin: bool,
}

impl SitemapPage {
    fn follows(&self, header: &Header) -> bool {
        self.followed.contains(&header.id)
    }

    const fn signed_in(&self) -> bool {
        self.page.user.is_some()
    }
}

/// The declaration that the law asks for.
#[derive(Template, WebTemplate)]
#[template(path = "help/accessibility.html")]
pub struct AccessibilityPage {
    /// Frame.
    pub page: Page,
}
