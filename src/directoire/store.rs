//! The SQL of the Directoire page: what no other room reads for it.

use sqlx::PgConnection;

/// The years of the campaigns, the latest first.
pub async fn years(conn: &mut PgConnection) -> sqlx::Result<Vec<i32>> {
    sqlx::query_scalar!("SELECT year FROM campaign ORDER BY year DESC").fetch_all(conn).await
}
