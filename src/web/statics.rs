//! Static files, inside the binary: style, script, icons, the pictures of the help pages.

use std::fmt::Write;
use std::sync::LazyLock;

use axum::extract::{Path, Query};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::{Error, Result};

/// A file served under `/static/`.
struct Static {
    name: &'static str,
    kind: &'static str,
    bytes: &'static [u8],
}

macro_rules! statics {
    ($($name:literal as $kind:literal),+ $(,)?) => {
        &[$(Static { name: $name, kind: $kind, bytes: include_bytes!(concat!("../../static/", $name)) }),+]
    };
}

static FILES: &[Static] = statics![
    "app.css" as "text/css; charset=utf-8",
    "app.js" as "text/javascript; charset=utf-8",
    "htmx.min.js" as "text/javascript; charset=utf-8",
    "icons.svg" as "image/svg+xml",
    "favicon.svg" as "image/svg+xml",
    "help-admin.webp" as "image/webp",
    "help-entry.webp" as "image/webp",
    "help-reading.webp" as "image/webp",
];

/// One digest for the set: it changes when any file does.
static DIGEST: LazyLock<String> = LazyLock::new(|| {
    let mut hash = Sha256::new();
    for file in FILES {
        hash.update(file.bytes);
    }
    hash.finalize().iter().take(6).fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
});

/// The address of a file, to be kept for ever by browsers.
pub fn address(name: &str) -> String {
    format!("/static/{name}?v={}", *DIGEST)
}

/// The version asked for.
#[derive(serde::Deserialize)]
pub struct Version {
    v: Option<String>,
}

/// Serves one file: for a year when its digest was asked for, to be checked again otherwise.
pub async fn file(Path(name): Path<String>, Query(version): Query<Version>) -> Result<Response> {
    let file = FILES.iter().find(|file| file.name == name).ok_or(Error::NotFound)?;
    let cache =
        if version.v.as_deref() == Some(DIGEST.as_str()) { "public, max-age=31536000, immutable" } else { "no-cache" };
    Ok(([(header::CONTENT_TYPE, file.kind), (header::CACHE_CONTROL, cache)], file.bytes).into_response())
}
