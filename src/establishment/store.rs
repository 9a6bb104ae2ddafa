//! What the pages of the establishment read: structures with their plans, who uses a row of the framework or a site. The
//! writing is `plans`'s and is journaled by `document`.

use std::collections::HashMap;

use sqlx::PgConnection;

use crate::db::{json, sound};
use crate::kernel::ids::Code;
use crate::plans::model::{Site, Structure, StructureKind};

/// A structure and the codes of its plans.
#[derive(Debug, Clone)]
pub struct KeptStructure {
    /// The structure.
    pub structure: Structure,
    /// Codes of its plans, drafts included.
    pub plans: Vec<String>,
}

/// Every structure, in order.
pub async fn structures(conn: &mut PgConnection) -> sqlx::Result<Vec<KeptStructure>> {
    let rows = sqlx::query!(
        r#"SELECT code, kind, label, acronym, sites::text AS "sites!",
                  ARRAY(SELECT plan.code FROM plan WHERE plan.structure_id = structure.id
                        ORDER BY plan.first_year DESC, plan.code) AS "plans!"
           FROM structure ORDER BY position, id"#
    )
    .fetch_all(conn)
    .await?;
    rows.into_iter()
        .map(|row| {
            let structure = Structure {
                code: sound("structure.code", Code::new(&row.code))?,
                kind: sound("structure.kind", StructureKind::from_word(&row.kind))?,
                label: row.label,
                acronym: row.acronym,
                sites: json::<Vec<Site>>("structure.sites", &row.sites)?,
            };
            Ok(KeptStructure { structure, plans: row.plans })
        })
        .collect()
}

/// The plans whose tree declines each row of the framework, by its code.
pub async fn framework_uses(conn: &mut PgConnection) -> sqlx::Result<HashMap<String, Vec<String>>> {
    let rows = sqlx::query!(
        r#"SELECT used.code AS "code!", array_agg(DISTINCT plan.code ORDER BY plan.code) AS "plans!"
           FROM node CROSS JOIN unnest(node.framework_rows) AS used (code) JOIN plan ON plan.id = node.plan_id
           GROUP BY used.code"#
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.code, row.plans)).collect())
}

/// The budget lines of a structure's plans that name a site other than these: `uca-iut-2021-2026, B5`.
pub async fn sites_still_used(conn: &mut PgConnection, structure: &str, kept: &[String]) -> sqlx::Result<Vec<String>> {
    let rows = sqlx::query!(
        r#"SELECT line.site AS "site!", plan.code AS plan, line.code
           FROM budget_line line JOIN plan ON plan.id = line.plan_id JOIN structure ON structure.id = plan.structure_id
           WHERE structure.code = $1 AND line.site IS NOT NULL AND line.site <> ALL ($2)
           ORDER BY plan.code, line.position"#,
        structure,
        kept,
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| format!("{} (ligne {} de {})", row.site, row.code, row.plan)).collect())
}

/// Keeps what contracts share as it is for the transaction, while a contract that relies on it is written; other
/// contracts may be written meanwhile.
pub async fn hold(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("LOCK TABLE establishment IN ROW EXCLUSIVE MODE").execute(conn).await?;
    Ok(())
}

/// Holds what contracts share for the transaction: two edits of it go one after the other, the first one ever included.
pub async fn lock(conn: &mut PgConnection) -> sqlx::Result<()> {
    sqlx::query!("LOCK TABLE establishment IN SHARE ROW EXCLUSIVE MODE").execute(conn).await?;
    Ok(())
}
