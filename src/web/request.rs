//! What is known of the request being answered: its identifier, and how many statements it has run so far.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::Instrument;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::Context;

use super::App;

tokio::task_local! {
    static CURRENT: Arc<Facts>;
}

/// The facts of one request.
struct Facts {
    id: String,
    statements: AtomicU32,
}

/// The identifier of the request being answered, for error pages and logs; empty outside a request.
pub fn id() -> String {
    CURRENT.try_with(|facts| facts.id.clone()).unwrap_or_default()
}

/// Gives every request an identifier, a log line, a place in the metrics and, when asked, a Server-Timing header.
pub async fn observe(State(app): State<App>, request: Request, next: Next) -> Response {
    let facts = Arc::new(Facts { id: uuid::Uuid::now_v7().simple().to_string(), statements: AtomicU32::new(0) });
    let method = request.method().clone();
    // The pattern, never the address: codes and tokens stay out of logs and metrics.
    let route =
        request.extensions().get::<axum::extract::MatchedPath>().map_or("(aucune)", |path| path.as_str()).to_owned();
    let span = tracing::info_span!("request", id = %facts.id, %method, route);
    let started = Instant::now();
    let mut response = CURRENT.scope(facts.clone(), next.run(request).instrument(span.clone())).await;
    let elapsed = started.elapsed();
    let status = response.status().as_u16();
    span.in_scope(|| tracing::info!(target: "cpom::access", status, ms = elapsed.as_millis(), "answered"));
    let labels = [("method", method.to_string()), ("route", route), ("status", status.to_string())];
    metrics::counter!("cpom_requests_total", &labels).increment(1);
    metrics::histogram!("cpom_request_seconds", &labels[..2]).record(elapsed.as_secs_f64());
    if let Ok(value) = HeaderValue::from_str(&facts.id) {
        response.headers_mut().insert(HeaderName::from_static("x-request-id"), value);
    }
    if app.settings.timing {
        let timing = format!(
            "total;dur={:.1}, sql;desc=\"{} requêtes\"",
            elapsed.as_secs_f64() * 1000.0,
            facts.statements.load(Ordering::Relaxed)
        );
        if let Ok(value) = HeaderValue::from_bytes(timing.replace("requêtes", "statements").as_bytes()) {
            response.headers_mut().insert(HeaderName::from_static("server-timing"), value);
        }
    }
    response
}

/// Counts the statements that sqlx reports while a request runs, BEGIN, SET and COMMIT aside.
pub struct StatementCounter;

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for StatementCounter {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() != "sqlx::query" {
            return;
        }
        let mut summary = Summary::default();
        event.record(&mut summary);
        if !summary.housekeeping {
            let _ = CURRENT.try_with(|facts| facts.statements.fetch_add(1, Ordering::Relaxed));
        }
    }
}

/// Whether a reported statement only keeps the connection in order.
#[derive(Default)]
struct Summary {
    housekeeping: bool,
}

impl Summary {
    fn look(&mut self, field: &Field, value: &str) {
        if field.name() == "summary" {
            let word = value.trim_start_matches('"').split_whitespace().next().unwrap_or_default();
            self.housekeeping = matches!(
                word.to_ascii_uppercase().trim_end_matches(';'),
                "BEGIN" | "COMMIT" | "ROLLBACK" | "SET" | "SAVEPOINT" | "RELEASE"
            ) || value.contains("set_config(");
        }
    }
}

impl Visit for Summary {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.look(field, value);
    }
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.look(field, &format!("{value:?}"));
    }
}
