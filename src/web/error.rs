//! Errors as pages: a fixed French sentence for the visitor, the detail for the log.

use askama::Template;
use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use super::page::Page;
use super::request;

/// What a handler answers.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not there, or not for this visitor to see.
    #[error("not found")]
    NotFound,
    /// Visible, but not theirs to change: the reason is shown.
    #[error("forbidden: {0}")]
    Forbidden(String),
    /// Nobody is signed in; the page asked for is kept for afterwards.
    #[error("no session")]
    SignIn {
        /// Where to go once signed in.
        next: String,
    },
    /// The form does not have the shape its page gave it.
    #[error("malformed: {0}")]
    Malformed(&'static str),
    /// The database is away or overloaded.
    #[error("unavailable: {0}")]
    Unavailable(sqlx::Error),
    /// A fault of ours.
    #[error("internal: {0:#}")]
    Internal(anyhow::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        // Gone, full, too slow or restarting: worth trying again. All else is a fault of ours.
        let away = match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Tls(_)
            | sqlx::Error::BeginFailed => true,
            sqlx::Error::Database(database) => database.code().is_some_and(|code| {
                // 08 connection, 53 resources (disk full, too many clients), 57 shutdown or timeout, 58 system error.
                code == "25006" || ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class))
            }),
            _ => false,
        };
        if away { Self::Unavailable(error) } else { Self::Internal(error.into()) }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::Internal(error.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Internal(error)
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    page: Page,
    status: u16,
    sentence: String,
    advice: &'static str,
    request_id: String,
}

/// An error page: what happened, what to do, and a number to quote when it is our fault.
fn page(status: StatusCode, reason: Option<String>) -> Response {
    let (title, sentence, advice) = match status {
        StatusCode::BAD_REQUEST => (
            "Demande incomplète",
            "Le formulaire reçu n’a pas la forme attendue. Rien n’a été enregistré.",
            "Revenez à la page précédente, rechargez-la et recommencez.",
        ),
        StatusCode::FORBIDDEN => (
            "Modification impossible",
            "Vous n’avez pas le droit de faire cette modification. Rien n’a été enregistré.",
            "Si ce droit vous manque, adressez-vous à la personne qui administre l’application.",
        ),
        StatusCode::NOT_FOUND => (
            "Page introuvable",
            "Cette page n’existe pas, ou elle n’est pas ouverte à votre rôle.",
            "Vérifiez l’adresse, ou repartez de l’accueil.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "Action impossible ici",
            "Cette adresse n’accepte pas cette action. Rien n’a été enregistré.",
            "Repartez de l’accueil.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "Envoi trop volumineux",
            "L’envoi dépasse 1 Mo. Rien n’a été enregistré.",
            "Envoyez moins de données à la fois.",
        ),
        StatusCode::TOO_MANY_REQUESTS => {
            ("Trop d’essais", "Trop d’essais de connexion ont échoué.", "Attendez un quart d’heure, puis recommencez.")
        }
        StatusCode::UNPROCESSABLE_ENTITY => (
            "Saisie refusée",
            "Ce qui a été envoyé ne peut pas être lu. Rien n’a été enregistré.",
            "Revenez à la page précédente et corrigez.",
        ),
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::REQUEST_TIMEOUT => (
            "Service momentanément indisponible",
            // A connection cut after the database has kept something and before it says so leaves a doubt.
            "L’application ne peut pas répondre pour l’instant. Ce qui n’a pas été confirmé n’est peut-être pas enregistré.",
            "Réessayez dans quelques instants ; si vous enregistriez, regardez d’abord ce qui est gardé.",
        ),
        _ => (
            "Erreur de l’application",
            "Une erreur est survenue de notre côté. Ce qui n’a pas été confirmé n’est peut-être pas enregistré.",
            "Réessayez ; si l’erreur persiste, transmettez le numéro ci-dessous à la personne qui administre l’application.",
        ),
    };
    let body = ErrorPage {
        page: Page::public(title),
        status: status.as_u16(),
        sentence: reason.unwrap_or_else(|| sentence.to_owned()),
        advice,
        request_id: request::id(),
    }
    .render()
    // The template has no fallible part; should it ever fail, the sentence alone still tells what happened.
    .unwrap_or_else(|_| format!("<!doctype html><html lang=\"fr\"><title>{title}</title><p>{sentence}"));
    let mut response = (status, Html(body)).into_response();
    response.extensions_mut().insert(Dressed);
    if status == StatusCode::SERVICE_UNAVAILABLE {
        response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from_static("5"));
    }
    response
}

/// Marks an answer that is already a page.
#[derive(Clone, Copy)]
pub struct Dressed;

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => page(StatusCode::NOT_FOUND, None),
            Self::Forbidden(reason) => page(StatusCode::FORBIDDEN, Some(reason)),
            Self::SignIn { next } => axum::response::Redirect::to(&sign_in_address(&next)).into_response(),
            Self::Malformed(detail) => {
                tracing::info!(detail, "malformed form");
                page(StatusCode::BAD_REQUEST, None)
            }
            Self::Unavailable(error) => {
                tracing::error!(%error, "database unavailable");
                page(StatusCode::SERVICE_UNAVAILABLE, None)
            }
            Self::Internal(error) => {
                tracing::error!(error = format!("{error:#}"), "internal error");
                page(StatusCode::INTERNAL_SERVER_ERROR, None)
            }
        }
    }
}

fn sign_in_address(next: &str) -> String {
    if next.is_empty() || next == "/" {
        return "/session".into();
    }
    let mut address = url_encode(next);
    address.insert_str(0, "/session?suite=");
    address
}

/// Percent-encodes a query value.
pub fn url_encode(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
        out
    })
}

/// Gives a page to every refusal that comes without one: extractors, limits, timeouts, unknown addresses, panics.
pub async fn dress(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    if (status.is_client_error() || status.is_server_error())
        && response.extensions().get::<Dressed>().is_none()
        && !is_html(&response)
    {
        let reason = (status == StatusCode::FORBIDDEN).then(|| {
            "Cet envoi vient d’un autre site : il a été refusé par sécurité. Rien n’a été enregistré.".to_owned()
        });
        return page(status, reason);
    }
    response
}

fn is_html(response: &Response) -> bool {
    response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html") || value.starts_with("text/csv"))
}
