//! Extractors whose refusals are the house's own pages.

use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use super::{App, Error};

/// The parameters of an address. One that does not read (a word where a number stands) names nothing: 404.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send> FromRequestParts<App> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        let params = RawPathParams::from_request_parts(parts, app).await;
        // PostgreSQL refuses a NUL in a text: no name holds one.
        if params.is_ok_and(|params| params.iter().any(|(_, value)| value.contains('\0'))) {
            return Err(Error::NotFound);
        }
        match axum::extract::Path::from_request_parts(parts, app).await {
            Ok(axum::extract::Path(value)) => Ok(Self(value)),
            Err(_) => Err(Error::NotFound),
        }
    }
}
