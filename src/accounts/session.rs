//! Sessions: how long they last and what their cookie holds.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// A session nobody uses for this long is over: longer than a meeting with lunch, shorter than an evening on a shared
/// computer.
pub const IDLE: TimeDelta = TimeDelta::hours(4);
/// A session is over this long after its sign-in, used or not: a working day.
pub const LIFE: TimeDelta = TimeDelta::hours(12);
/// How stale `last_seen_at` may be: one UPDATE a page cost a third of the page rate when it was measured.
pub const SEEN_EVERY: TimeDelta = TimeDelta::minutes(5);

/// 256 random bits that only their holder knows; the database keeps their SHA-256. A fast hash is enough: there is
/// nothing to guess.
#[derive(Clone, Copy)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A new one.
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// Reads what [`Self::text`] wrote.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
        bytes.try_into().ok().map(Self)
    }

    /// As it stands in a cookie or a link: 43 characters, safe in a URL.
    pub fn text(&self) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(self.0)
    }

    /// What the database keeps.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.0).into()
    }

    /// Whether a kept hash is this secret's, in a time that does not depend on where they differ.
    pub fn matches(&self, kept: &[u8]) -> bool {
        let hash = self.hash();
        let gap = hash.iter().zip(kept).fold(0, |gap, (one, other)| gap | (one ^ other));
        kept.len() == hash.len() && std::hint::black_box(gap) == 0
    }
}

/// What the cookie holds: the session's number, by which it is found, and its secret, by which it is believed.
#[derive(Clone)]
pub struct Token {
    /// The row.
    pub id: Uuid,
    /// Its proof.
    pub secret: Secret,
}

impl Token {
    /// A new session's.
    pub fn generate() -> Self {
        Self { id: Uuid::new_v4(), secret: Secret::generate() }
    }

    /// Reads a cookie.
    pub fn parse(cookie: &str) -> Option<Self> {
        let (id, secret) = cookie.split_once('.')?;
        let id = BASE64_URL_SAFE_NO_PAD.decode(id).ok()?;
        Some(Self { id: Uuid::from_slice(&id).ok()?, secret: Secret::parse(secret)? })
    }

    /// Writes the cookie.
    pub fn text(&self) -> String {
        format!("{}.{}", BASE64_URL_SAFE_NO_PAD.encode(self.id), self.secret.text())
    }
}

/// An open session, as its holder sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The row.
    pub id: Uuid,
    /// Sign-in.
    pub created_at: DateTime<Utc>,
    /// Last page, to [`SEEN_EVERY`].
    pub last_seen_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_reads_back() {
        let token = Token::generate();
        let read = Token::parse(&token.text()).unwrap();
        assert_eq!(read.id, token.id);
        assert!(read.secret.matches(&token.secret.hash()));
    }

    #[test]
    fn another_secret_does_not_match() {
        let secret = Secret::generate();
        assert!(!Secret::generate().matches(&secret.hash()));
        assert!(!secret.matches(&[]));
        assert!(!secret.matches(&secret.hash()[..31]));
        let mut near = secret.hash();
        near[31] ^= 1;
        assert!(!secret.matches(&near));
    }

    #[test]
    fn nonsense_is_no_cookie() {
        let token = Token::generate().text();
        for text in ["", ".", "a.b", &token[1..], &token[..token.len() - 1], &format!("{token}=")] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}
