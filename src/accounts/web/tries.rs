//! A password tried: counted, slowed down, checked. Sign-in and a change of password both pass here.

use sha2::{Digest, Sha256};

use crate::accounts::store::signin;
use crate::accounts::{hashing, model, throttle};
use crate::web::client::Client;
use crate::web::{App, Result};

/// What came of a try.
pub enum Tried {
    /// The password is the account's. The caller notes the success in its own transaction.
    Right {
        /// The account.
        account_id: i64,
        /// The try, for [`signin::succeed`].
        attempt: i64,
    },
    /// No such account, or another password: nobody is told which.
    Wrong,
    /// Not looked at: so many seconds to wait.
    TooSoon(u32),
}

impl Tried {
    /// The sentence shown when too many tries failed.
    pub fn wait_sentence(seconds: u32) -> String {
        format!("Trop d’essais ont échoué. Attendez {} avant de recommencer.", throttle::in_words(seconds))
    }
}

/// Tries a password. Whether the account exists changes neither the answer nor the work done for it.
pub async fn check(app: &App, client: Client, email: &str, password: String) -> Result<Tried> {
    let typed: [u8; 32] = Sha256::digest(email.trim().to_ascii_lowercase()).into();
    let address = client.to_string();
    let mut conn = app.conn().await?;
    let attempt = signin::attempt(&mut conn, &typed, &address).await?;
    let tries = signin::tries(&mut conn, attempt, &typed, &address).await?;
    if let Some(wait) = tries.wait() {
        signin::withdraw(&mut conn, attempt).await?;
        tracing::warn!(wait, "sign-in throttled");
        return Ok(Tried::TooSoon(wait));
    }
    let candidate = signin::candidate(&mut conn, &model::email(email).unwrap_or_default()).await?;
    // Hashing waits for its turn: no connection is held meanwhile.
    drop(conn);
    let (account_id, kept) = candidate.map_or((0, None), |found| (found.account_id, found.password_hash));
    if hashing::verify(&app.hashing, password, kept).await? {
        Ok(Tried::Right { account_id, attempt })
    } else {
        tracing::info!("sign-in refused");
        Ok(Tried::Wrong)
    }
}
