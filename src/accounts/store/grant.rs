//! Grants. Every change is written with its journal entry.

use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::{Value, json};
use sqlx::PgConnection;

use super::broken;
use crate::accounts::granting::{Held, NewGrant, Places, PlanPlace, StructurePlace};
use crate::accounts::model::{Grant, Role, Scope};
use crate::journal::model::{Act, Change};
use crate::journal::store::append;

/// The journal's word for a grant.
const KIND: &str = "droit";

/// A grant as its columns hold it.
#[derive(Debug, Deserialize)]
pub struct GrantRow {
    role: String,
    structure_id: Option<i64>,
    structure: Option<String>,
    plan_id: Option<i64>,
    plan: Option<String>,
    items: Vec<String>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
}

impl GrantRow {
    /// Decoded whole: `None` for a half-filled row.
    pub fn decode(self) -> Option<Grant> {
        let role = Role::from_word(&self.role)?;
        let scope = match (role, self.structure_id, self.structure, self.plan_id, self.plan) {
            (Role::Director, Some(id), Some(code), None, None) => Scope::Structure { id, code },
            (Role::Contributor, None, None, Some(plan_id), Some(plan)) => {
                Scope::Items { plan_id, plan, items: self.items }
            }
            (Role::Director | Role::Contributor, ..) => return None,
            (_, None, None, None, None) => Scope::Establishment,
            _ => return None,
        };
        Some(Grant { role, scope, starts_on: self.starts_on, ends_on: self.ends_on })
    }
}

/// Which grants to read; those taken back are never read.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// One grant.
    pub id: Option<i64>,
    /// Those of an account.
    pub account_id: Option<i64>,
    /// Delegations on the plans of these structures.
    pub delegated_in: Option<Vec<i64>>,
}

/// Grants with what they bear on, past and future ones included, in the order they were given.
pub async fn list(conn: &mut PgConnection, filter: &Filter) -> sqlx::Result<Vec<Held>> {
    let rows = sqlx::query!(
        r#"SELECT held.id, held.version, held.account_id, account.email, account.function, held.role, held.structure_id,
                  structure.code AS "structure?", structure.label AS "structure_label?", held.plan_id,
                  plan.code AS "plan?", plan.title AS "plan_title?", held.items, held.starts_on, held.ends_on,
                  held.delegated, held.granted_by, held.granted_at
           FROM account_grant held
                JOIN account ON account.id = held.account_id
                LEFT JOIN structure ON structure.id = held.structure_id
                LEFT JOIN plan ON plan.id = held.plan_id
           WHERE held.revoked_at IS NULL
                 AND ($1::bigint IS NULL OR held.id = $1)
                 AND ($2::bigint IS NULL OR held.account_id = $2)
                 AND ($3::bigint[] IS NULL OR (held.delegated AND plan.structure_id = ANY ($3)))
           ORDER BY held.id"#,
        filter.id,
        filter.account_id,
        filter.delegated_in.as_deref(),
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let place = row.structure_label.or(row.plan_title);
            let grant = GrantRow {
                role: row.role,
                structure_id: row.structure_id,
                structure: row.structure,
                plan_id: row.plan_id,
                plan: row.plan,
                items: row.items,
                starts_on: row.starts_on,
                ends_on: row.ends_on,
            };
            Ok(Held {
                id: row.id,
                version: row.version,
                account_id: row.account_id,
                email: row.email,
                function: row.function,
                grant: grant.decode().ok_or_else(|| broken("account_grant"))?,
                place,
                delegated: row.delegated,
                granted_by: row.granted_by,
                granted_at: row.granted_at,
            })
        })
        .collect()
}

/// What a grant may bear on: structures, plans and the codes known there.
pub async fn places(conn: &mut PgConnection) -> sqlx::Result<Places> {
    let structures =
        sqlx::query_as!(StructurePlace, "SELECT id, code, acronym, label FROM structure ORDER BY position, id")
            .fetch_all(&mut *conn)
            .await?;
    let plans = sqlx::query_as!(
        PlanPlace,
        r#"SELECT id, code, title, structure_id,
                  ARRAY(SELECT code FROM indicator WHERE plan_id = plan.id
                        UNION SELECT code FROM measure WHERE plan_id = plan.id
                        UNION SELECT code FROM jalon WHERE plan_id = plan.id) AS "codes!"
           FROM plan WHERE NOT draft ORDER BY code COLLATE french_natural"#,
    )
    .fetch_all(conn)
    .await?;
    Ok(Places { structures, plans })
}

/// The state that the journal keeps.
fn state(account_id: i64, function: &str, grant: &Grant, delegated: bool) -> Value {
    let mut state = json!({ "account": account_id.to_string(), "function": function, "role": grant.role.word() });
    match &grant.scope {
        Scope::Establishment => {}
        Scope::Structure { code, .. } => state["structure"] = json!(code),
        Scope::Items { plan, items, .. } => {
            state["plan"] = json!(plan);
            state["items"] = json!(items);
        }
    }
    if let Some(day) = grant.starts_on {
        state["starts_on"] = json!(day);
    }
    if let Some(day) = grant.ends_on {
        state["ends_on"] = json!(day);
    }
    if delegated {
        state["delegated"] = json!(true);
    }
    state
}

/// Gives a grant.
pub async fn add(
    conn: &mut PgConnection,
    act: &Act,
    account_id: i64,
    function: &str,
    new: &NewGrant,
) -> sqlx::Result<i64> {
    let grant = &new.grant;
    let (structure_id, plan_id, items) = match &grant.scope {
        Scope::Establishment => (None, None, &[][..]),
        Scope::Structure { id, .. } => (Some(*id), None, &[][..]),
        Scope::Items { plan_id, items, .. } => (None, Some(*plan_id), &items[..]),
    };
    let id = sqlx::query_scalar!(
        "INSERT INTO account_grant
             (account_id, role, structure_id, plan_id, items, starts_on, ends_on, delegated, granted_by, granted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        account_id,
        grant.role.word(),
        structure_id,
        plan_id,
        items,
        grant.starts_on,
        grant.ends_on,
        new.delegated,
        act.actor.function,
        act.at,
    )
    .fetch_one(&mut *conn)
    .await?;
    let change = Change {
        plan_id: None,
        kind: KIND,
        code: &id.to_string(),
        version: 1,
        before: None,
        after: Some(state(account_id, function, grant, new.delegated)),
        position: None,
    };
    append(conn, act, change).await?;
    Ok(id)
}

/// Takes a grant back; `false` when someone else just did.
pub async fn revoke(conn: &mut PgConnection, act: &Act, held: &Held) -> sqlx::Result<bool> {
    let version = sqlx::query_scalar!(
        "UPDATE account_grant SET revoked_at = $2, version = version + 1 WHERE id = $1 AND revoked_at IS NULL
         RETURNING version",
        held.id,
        act.at,
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(version) = version else { return Ok(false) };
    let change = Change {
        plan_id: None,
        kind: KIND,
        code: &held.id.to_string(),
        version,
        before: Some(state(held.account_id, &held.function, &held.grant, held.delegated)),
        after: None,
        position: None,
    };
    append(conn, act, change).await?;
    Ok(true)
}

/// Makes the acts that could leave nobody to administer wait for each other: two administrators who suspend each
/// other at once must not both succeed.
pub async fn lock(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("LOCK TABLE account_grant IN SHARE ROW EXCLUSIVE MODE").execute(conn).await?;
    Ok(())
}

/// How many people can administer today: an open account, a password, the role in force.
pub async fn admin_count(conn: &mut PgConnection, today: NaiveDate) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        r#"SELECT count(DISTINCT account.id) AS "count!"
           FROM account JOIN account_grant held ON held.account_id = account.id
           WHERE account.suspended_at IS NULL AND account.password_hash IS NOT NULL
                 AND held.role = 'admin' AND held.revoked_at IS NULL
                 AND (held.starts_on IS NULL OR held.starts_on <= $1)
                 AND (held.ends_on IS NULL OR held.ends_on >= $1)"#,
        today,
    )
    .fetch_one(conn)
    .await
}
