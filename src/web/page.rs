//! The frame of a page: title, navigation, the signed-in function, a message to announce.

/// What `base.html` asks.
#[derive(Debug, Clone)]
pub struct Page {
    /// Title of the page, without the product's name.
    pub title: String,
    /// The establishment's name, under the brand.
    pub establishment: String,
    /// Main navigation: what belongs to no plan.
    pub nav: Vec<NavItem>,
    /// The pages of the plan shown; empty elsewhere.
    pub plan: Vec<NavItem>,
    /// The signed-in function; `None` on public pages.
    pub user: Option<String>,
    /// A message to announce.
    pub flash: Option<Flash>,
}

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    /// Address.
    pub href: String,
    /// As shown.
    pub label: &'static str,
    /// It is the page shown.
    pub current: bool,
}

/// An option of a list, as `kit/field.html` draws it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What the form posts.
    pub value: String,
    /// As shown.
    pub label: String,
    /// It is the one chosen.
    pub chosen: bool,
}

impl Choice {
    /// An option; it is chosen when its value is `chosen`.
    pub fn new(value: &str, label: &str, chosen: &str) -> Self {
        Self { value: value.into(), label: label.into(), chosen: value == chosen }
    }

    /// The words of a vocabulary.
    pub fn list<T: Copy>(
        all: &[T],
        word: impl Fn(T) -> &'static str,
        label: impl Fn(T) -> &'static str,
        chosen: &str,
    ) -> Vec<Self> {
        all.iter().map(|one| Self::new(word(*one), label(*one), chosen)).collect()
    }
}

/// A message about what was just done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flash {
    /// `success`, `warning` or `error`.
    pub kind: &'static str,
    /// A sentence.
    pub text: String,
}

impl Flash {
    /// Something was done.
    pub fn success(text: impl Into<String>) -> Self {
        Self { kind: "success", text: text.into() }
    }
    /// Something was done in part.
    pub fn warning(text: impl Into<String>) -> Self {
        Self { kind: "warning", text: text.into() }
    }
    /// Something was refused.
    pub fn error(text: impl Into<String>) -> Self {
        Self { kind: "error", text: text.into() }
    }
}

/// Under the brand where no establishment is known: before an import, on an error page.
pub const NO_ESTABLISHMENT: &str = "Contrats d’objectifs et de moyens";

impl Page {
    /// A page that knows neither its visitor nor the establishment.
    pub fn public(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            establishment: NO_ESTABLISHMENT.to_owned(),
            nav: Vec::new(),
            plan: Vec::new(),
            user: None,
            flash: None,
        }
    }

    /// Address of a static file, with the digest that lets browsers keep it for ever.
    pub fn asset(&self, name: &str) -> String {
        super::statics::address(name)
    }
}
