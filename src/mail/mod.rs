//! Messages sent to people: the mail server of the settings, and one conversation with it.
//!
//! It names no business word: what is sent, to whom and when belongs to `reminders`.

pub mod relay;
pub mod session;

pub use relay::Relay;
pub use session::{Failure, Message, Session};
