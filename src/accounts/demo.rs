//! The demo's accounts: one a role and a few directors more, in a database made by `cpom demo` and nowhere else.

use sqlx::{Connection, PgConnection};

use super::commands::{CommandError, hash};
use super::granting::{self, Asked};
use super::model::Role;
use super::password::LENGTH_MAX;
use super::store::{account, grant as grants};
use crate::journal::model::Act;
use crate::kernel::clock::Clock;

/// A demo account.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// The local part of the address.
    pub name: &'static str,
    /// Their role.
    pub role: Role,
    /// Their function.
    pub function: &'static str,
    /// The scope, as a command writes it.
    pub scope: Option<&'static str>,
}

impl Person {
    /// The person of a role: the role's word is their name.
    const fn of(role: Role, function: &'static str, scope: Option<&'static str>) -> Self {
        Self { name: role.word(), role, function, scope }
    }

    /// Another director.
    const fn director(name: &'static str, function: &'static str, structure: &'static str) -> Self {
        Self { name, role: Role::Director, function, scope: Some(structure) }
    }

    /// Their address: `.invalid` can receive nothing.
    pub fn email(&self) -> String {
        format!("{}@demo.invalid", self.name)
    }
}

/// One a role, around the real contract.
pub const PEOPLE: &[Person] = &[
    Person::of(Role::Director, "Direction de l’IUT", Some("iut")),
    Person::of(Role::Contributor, "Service Relations Internationales", Some("uca-iut-2021-2026:13,4")),
    Person::of(Role::Directoire, "Directoire", None),
    Person::of(Role::Finance, "Direction des finances", None),
    Person::of(Role::Rh, "Direction des ressources humaines", None),
    Person::of(Role::Pilotage, "SAPCG — pilotage", None),
    Person::of(Role::Reader, "Lecture", None),
    Person::of(Role::Admin, "Administration", None),
];

/// Those of the invented structures.
pub const OTHERS: &[Person] = &[
    Person::director("director.eng", "Direction de l’École d’ingénieurs (fictive)", "eng"),
    Person::director("director.hum", "Direction de l’Institut des humanités (fictif)", "hum"),
];

/// The address of a role's demo account.
pub fn email(role: Role) -> String {
    format!("{}@demo.invalid", role.word())
}

/// Creates those of [`PEOPLE`] that are missing, all with this password.
pub async fn create(conn: &mut PgConnection, clock: &Clock, password: &str) -> Result<(), CommandError> {
    create_all(conn, clock, PEOPLE, password).await
}

/// Creates those that are missing, all with this password, in one transaction. The structures and the plans they are
/// given must be there.
///
/// The password is not judged: it guards invented data, and `serve` refuses to show a demo beyond this machine unless
/// told to.
pub async fn create_all(
    conn: &mut PgConnection,
    clock: &Clock,
    people: &[Person],
    password: &str,
) -> Result<(), CommandError> {
    if password.is_empty() || password.chars().count() > LENGTH_MAX {
        let sentence =
            format!("Le mot de passe des comptes de démonstration doit avoir de 1 à {LENGTH_MAX} caractères.");
        return Err(CommandError::Refused(sentence));
    }
    // One hash for all: they share the password, and everyone knows it.
    let hash = hash(password.to_owned()).await?;
    let act = Act::command("demo", clock.now());
    let mut tx = conn.begin().await?;
    let places = grants::places(&mut tx).await?;
    for person in people {
        let Person { role, function, scope, .. } = person;
        let Some(created) = account::create(&mut tx, &act, &person.email(), function, true).await? else { continue };
        account::set_password(&mut tx, &act, &created, &hash).await?;
        let new = granting::read(&Asked::command(role.word(), *scope), &places, &[], clock.today())
            .map_err(|refused| CommandError::Refused(refused.sentences()))?;
        grants::add(&mut tx, &act, created.id, function, &new).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Whether this database holds demo accounts.
pub async fn exists(conn: &mut PgConnection) -> sqlx::Result<bool> {
    account::has_demo(conn).await
}
