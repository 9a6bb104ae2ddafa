//! The demo's accounts: one a role, in a database made by `cpom demo` and nowhere else.

use sqlx::{Connection, PgConnection};

use super::commands::{CommandError, hash};
use super::granting::{self, Asked};
use super::model::Role;
use super::password::LENGTH_MAX;
use super::store::{account, grant as grants};
use crate::journal::model::Act;
use crate::kernel::clock::Clock;

/// Who the demo's accounts are: role, function, scope as a command writes it.
pub const PEOPLE: &[(Role, &str, Option<&str>)] = &[
    (Role::Director, "Direction de l’IUT", Some("iut")),
    (Role::Contributor, "Service Relations Internationales", Some("uca-iut-2021-2026:13,4")),
    (Role::Directoire, "Directoire", None),
    (Role::Finance, "Direction des finances", None),
    (Role::Rh, "Direction des ressources humaines", None),
    (Role::Pilotage, "SAPCG — pilotage", None),
    (Role::Reader, "Lecture", None),
    (Role::Admin, "Administration", None),
];

/// The address of a role's demo account: `.invalid` can receive nothing.
pub fn email(role: Role) -> String {
    format!("{}@demo.invalid", role.word())
}

/// Creates those that are missing, all with this password, in one transaction. The structure and the plan they are
/// given must be there.
///
/// The password is not judged: it guards invented data, and `serve` refuses to show a demo beyond this machine unless
/// told to.
pub async fn create(conn: &mut PgConnection, clock: &Clock, password: &str) -> Result<(), CommandError> {
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
    for (role, function, scope) in PEOPLE {
        let Some(created) = account::create(&mut tx, &act, &email(*role), function, true).await? else { continue };
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
