//! Where the dialogues of many plans stand, for the pages that show them side by side.

use std::collections::HashMap;
use std::sync::Arc;

use sqlx::PgConnection;

use crate::dialogue::store::{self, Part};
use crate::plans::store::Header;
use crate::web::App;

/// What the memory keeps of a plan here.
const PARTS: &str = "dialogues of a plan";

/// Every dialogue of each of these plans, the latest first: in one statement for those of which something was written
/// since they were last asked for.
pub async fn parts(
    conn: &mut PgConnection,
    app: &App,
    headers: &[Header],
) -> sqlx::Result<HashMap<i64, Arc<Vec<Part>>>> {
    let marks = headers.iter().map(|header| header.mark);
    let mut kept = app.memory.recall::<Vec<Part>>(PARTS, app.clock.today(), marks);
    let missing = kept.missing();
    if !missing.is_empty() {
        let mut found: HashMap<i64, Vec<Part>> = HashMap::new();
        for part in store::all_parts(conn, &missing).await? {
            found.entry(part.plan_id).or_default().push(part);
        }
        for id in missing {
            kept.keep(id, found.remove(&id).unwrap_or_default());
        }
    }
    Ok(kept.all())
}
