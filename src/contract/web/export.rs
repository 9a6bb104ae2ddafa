//! The document of a plan, as a file: what it exports is what imports again (docs/regles.md §11).

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use crate::accounts::CurrentUser;
use crate::document::store as documents;
use crate::plans::readable_plan;
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// `GET /plans/{code}/document.json`: for those who read all that the document holds.
pub async fn document(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let header = readable_plan(&mut conn, &user, &code).await?;
    let structure = header.structure_id;
    if !(user.reads_commitments(structure) && user.reads_posts(structure) && user.reads_budget(structure)) {
        return Err(Error::NotFound);
    }
    let document = documents::whole(&mut conn, header).await?;
    let name = format!("attachment; filename=\"{code}.json\"");
    let headers = [(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)];
    Ok((headers, document.to_bytes()).into_response())
}
