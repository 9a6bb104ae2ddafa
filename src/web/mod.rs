//! What every page needs and no business word names: the recording router, errors as pages, the page frame, headers.

pub mod client;
pub mod cookie;
pub mod error;
pub mod extract;
pub mod fields;
pub mod flash;
pub mod local;
pub mod page;
pub mod request;
pub mod routes;
pub mod security;
pub mod statics;

pub use error::{Error, Result};
pub use routes::Routes;

use std::sync::Arc;

use sqlx::PgPool;

use crate::kernel::clock::Clock;
use crate::kernel::memory::Memory;
use crate::mail::Relay;

/// What handlers share. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Connections under the serving role.
    pub pool: PgPool,
    /// The only source of time.
    pub clock: Clock,
    /// Settings that answers depend on.
    pub settings: Arc<Settings>,
    /// The scheme's slots: argon2 takes 19 MiB and 20 ms a check, so two at once and no more.
    pub hashing: Arc<tokio::sync::Semaphore>,
    /// What is long to compute, as long as nothing new was written of it.
    pub memory: Arc<Memory>,
}

/// What the answers depend on, out of all the settings of the program.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Cookies are Secure: the public address is https.
    pub secure_cookies: bool,
    /// The address people type, without a trailing slash.
    pub public_url: String,
    /// Proxies whose X-Forwarded-For is believed.
    pub trusted_proxies: Vec<std::net::IpAddr>,
    /// Adds Server-Timing with the number of statements.
    pub timing: bool,
    /// Where mail goes through; `None`: none is sent.
    pub mail: Option<Relay>,
}

impl App {
    /// The shared state of a server or of a test.
    pub fn new(pool: PgPool, clock: Clock, settings: Settings) -> Self {
        let hashing = Arc::new(tokio::sync::Semaphore::new(2));
        Self { pool, clock, settings: Arc::new(settings), hashing, memory: Arc::default() }
    }

    /// A connection under the serving role.
    pub async fn conn(&self) -> sqlx::Result<sqlx::pool::PoolConnection<sqlx::Postgres>> {
        self.pool.acquire().await
    }
}

/// Whether htmx asks for a fragment.
pub fn is_htmx(headers: &axum::http::HeaderMap) -> bool {
    headers.contains_key("hx-request")
}
