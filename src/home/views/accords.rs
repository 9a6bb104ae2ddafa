//! « Avenants à accorder »: those that wait for the accord of a party this person is.

use super::HomePage;
use super::item::{Action, Item};
use crate::access::Party;
use crate::accounts::model::{Role, User};
use crate::avenants::model::{Avenant, accord_of};
use crate::plans::store::Header;

/// An avenant that waits for the accord of a party this person is.
#[derive(Debug, Clone)]
pub struct ToAgree {
    href: String,
    structure: String,
    code: String,
    reason: String,
    /// The other party agreed already.
    given: Option<&'static str>,
}

impl ToAgree {
    /// As whom this person is asked: the director of the structure, the directoire.
    pub fn of(user: &User, header: &Header, avenant: &Avenant) -> Vec<Self> {
        let asked = |party: Party, other: Party, may: bool| {
            (may && avenant.waits_for(party)).then(|| Self {
                href: format!("/plans/{}/avenants/{}", header.plan.code, avenant.code),
                structure: header.structure.label.clone(),
                code: avenant.code.to_string(),
                reason: avenant.reason.clone(),
                given: avenant.accord(other).map(|_| accord_of(other)),
            })
        };
        let director = asked(Party::Director, Party::Directoire, user.directs(header.structure_id));
        let directoire = asked(Party::Directoire, Party::Director, user.has(Role::Directoire));
        director.into_iter().chain(directoire).take(1).collect()
    }
}

impl HomePage {
    /// Avenants to agree to, each with its link.
    pub(super) fn to_agree(&self) -> Vec<Item> {
        self.accords
            .iter()
            .map(|it| Item {
                class: "is-late",
                count: 1,
                heading: format!("avenant à accorder : {}", it.structure),
                quote: Some(it.reason.clone()),
                sentence: match it.given {
                    Some(given) => format!("avenant {}, {given} est donné.", it.code),
                    None => format!("avenant {}.", it.code),
                },
                action: Some(Action {
                    href: it.href.clone(),
                    label: "Lire et accorder",
                    secondary: true,
                    rest: format!(" l’avenant {} : {}", it.code, it.structure),
                }),
                ..Item::default()
            })
            .collect()
    }
}
