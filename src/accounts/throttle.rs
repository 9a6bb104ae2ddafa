//! How fast passwords may be tried.
//!
//! Three limits, so that guessing is slow and nobody is locked out for good:
//!
//! - one account from one address: five tries, then a delay that doubles with each failure up to a quarter of an
//!   hour; after it a correct password works, and clears the count;
//! - one account from anywhere, and one address for any account: a number of failures in a short window. They stop
//!   guessing spread over many addresses or many accounts, and leave alone a person who signed in from the same
//!   address lately: a stranger cannot close someone else's door.
//!
//! Ages are counted by the database's own clock: a delay must run out even when a demo fixes the application's.

/// Failures of one account from one address before the delays begin.
pub const PAIR_FREE: u32 = 5;
/// The first delay; it doubles with each further failure.
const PAIR_FIRST_SECONDS: u32 = 60;
/// The longest delay.
const PAIR_LONGEST_SECONDS: u32 = 15 * 60;
/// Failures older than this no longer lengthen the delay.
pub const PAIR_WINDOW_SECONDS: u32 = 24 * 60 * 60;

/// Failures of one account, from any address, in [`ACCOUNT_WINDOW_SECONDS`].
pub const ACCOUNT_LIMIT: u32 = 20;
/// Short: it ends by itself as soon as the attack does.
pub const ACCOUNT_WINDOW_SECONDS: u32 = 10 * 60;

/// Failures from one address, for any account, in [`ADDRESS_WINDOW_SECONDS`]: a campus may share one.
pub const ADDRESS_LIMIT: u32 = 30;
/// As long as the longest delay.
pub const ADDRESS_WINDOW_SECONDS: u32 = 15 * 60;

/// How long a successful sign-in from an address makes it known for the account, in days.
pub const KNOWN_DAYS: i32 = 30;

/// What was tried before, as the database counts it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tries {
    /// Failures of this account from this address since its last success there.
    pub pair_failures: u32,
    /// Age of the last of them, in seconds.
    pub pair_last_age: Option<u32>,
    /// Age of the [`ACCOUNT_LIMIT`]th latest failure of this account, in seconds.
    pub account_age: Option<u32>,
    /// Age of the [`ADDRESS_LIMIT`]th latest failure from this address, in seconds.
    pub address_age: Option<u32>,
    /// The account signed in from this address lately.
    pub known: bool,
}

impl Tries {
    /// Seconds to wait before the next try is looked at; `None` when it may be now.
    pub fn wait(&self) -> Option<u32> {
        let pair = delay(self.pair_failures).saturating_sub(self.pair_last_age.unwrap_or(u32::MAX));
        let shared = |age: Option<u32>, window: u32| age.map_or(0, |age| window.saturating_sub(age));
        let shared = if self.known {
            0
        } else {
            shared(self.account_age, ACCOUNT_WINDOW_SECONDS).max(shared(self.address_age, ADDRESS_WINDOW_SECONDS))
        };
        Some(pair.max(shared)).filter(|wait| *wait > 0)
    }
}

/// The delay after this many failures of one account from one address.
fn delay(failures: u32) -> u32 {
    match failures.checked_sub(PAIR_FREE) {
        None => 0,
        Some(further) => {
            PAIR_FIRST_SECONDS.saturating_mul(1u32.checked_shl(further).unwrap_or(u32::MAX)).min(PAIR_LONGEST_SECONDS)
        }
    }
}

/// « 40 secondes », « 4 minutes »: rounded up, so that obeying it is enough.
pub fn in_words(seconds: u32) -> String {
    match seconds {
        0 | 1 => "1 seconde".into(),
        2..=59 => format!("{seconds} secondes"),
        60 => "1 minute".into(),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_tries_then_a_growing_delay() {
        let delays: Vec<u32> = [0, 4, 5, 6, 7, 8, 9, 40, u32::MAX].map(delay).to_vec();
        assert_eq!(delays, [0, 0, 60, 120, 240, 480, 900, 900, 900]);
    }

    #[test]
    fn after_the_delay_a_try_is_looked_at() {
        let tries = |age| Tries { pair_failures: 6, pair_last_age: Some(age), ..Tries::default() };
        assert_eq!(tries(0).wait(), Some(120));
        assert_eq!(tries(119).wait(), Some(1));
        assert_eq!(tries(120).wait(), None);
        assert_eq!(Tries::default().wait(), None);
    }

    #[test]
    fn the_shared_limits_spare_who_is_known_here() {
        let stranger = Tries { account_age: Some(10), address_age: Some(100), ..Tries::default() };
        assert_eq!(stranger.wait(), Some(800));
        assert_eq!(Tries { known: true, ..stranger }.wait(), None);
        let guesser = Tries { known: true, pair_failures: 9, pair_last_age: Some(1), ..stranger };
        assert_eq!(guesser.wait(), Some(899));
    }

    #[test]
    fn waits_are_said_in_words() {
        let words: Vec<String> = [1, 40, 60, 61, 900].map(in_words).to_vec();
        assert_eq!(words, ["1 seconde", "40 secondes", "1 minute", "2 minutes", "15 minutes"]);
    }
}
