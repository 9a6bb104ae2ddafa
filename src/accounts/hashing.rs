//! Argon2id, off the threads that serve pages and never more than a few at once.

use std::sync::Arc;

use tokio::sync::Semaphore;

use super::password;

/// Hashes a password already accepted by [`password::check`].
///
/// The slot goes with the work: a visitor who leaves frees it only once the work is done.
pub async fn hash(slots: &Arc<Semaphore>, clear: String) -> anyhow::Result<String> {
    let slot = slots.clone().acquire_owned().await?;
    tokio::task::spawn_blocking(move || {
        let _slot = slot;
        password::hash(&clear)
    })
    .await?
}

/// Whether a password is the one kept. Without a kept hash (no such account, no password yet) the same work is done
/// and the answer is no.
pub async fn verify(slots: &Arc<Semaphore>, clear: String, kept: Option<String>) -> anyhow::Result<bool> {
    let slot = slots.clone().acquire_owned().await?;
    let verified = tokio::task::spawn_blocking(move || {
        let _slot = slot;
        password::verify(&clear, kept.as_deref())
    });
    Ok(verified.await?)
}
