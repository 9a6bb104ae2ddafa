//! What was computed of a thing, kept as long as nothing new was written of it.
//!
//! The mark of a thing is the number of its last journal entry, read before what is computed from. Two entries written at
//! the same time may be seen in the other order: what is computed soon after a mark is first seen is computed once more
//! later, and only then trusted for good.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Longer than any request may write: whatever was being written when a mark was first seen is over.
const SETTLED: Duration = Duration::from_secs(30);

struct Kept {
    mark: i64,
    /// When this mark was first seen.
    since: Instant,
    computed: Instant,
    value: Arc<dyn Any + Send + Sync>,
}

/// The memory of a server; each has its own, and the journal's marks keep them alike.
#[derive(Default)]
pub struct Memory(Mutex<HashMap<(&'static str, i64), Kept>>);

impl Memory {
    /// What is kept of a thing, by what it is and its database id, if nothing new was written of it.
    pub fn recall<T: Any + Send + Sync + Clone>(
        &self,
        (what, id): (&'static str, i64),
        mark: i64,
        now: Instant,
    ) -> Option<T> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let it = kept.get(&(what, id)).filter(|it| it.mark == mark)?;
        let settled = it.computed.duration_since(it.since) >= SETTLED;
        if !settled && now.duration_since(it.since) >= SETTLED {
            return None;
        }
        it.value.downcast_ref::<T>().cloned()
    }

    /// Keeps what was computed of a thing after its mark was read.
    pub fn keep<T: Any + Send + Sync>(&self, (what, id): (&'static str, i64), mark: i64, now: Instant, value: T) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let since = kept.get(&(what, id)).filter(|it| it.mark == mark).map_or(now, |it| it.since);
        kept.insert((what, id), Kept { mark, since, computed: now, value: Arc::new(value) });
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_lasts_until_something_is_written() {
        let (memory, now) = (Memory::default(), Instant::now());
        let thing = ("count", 7);
        assert_eq!(memory.recall::<usize>(thing, 1, now), None);
        memory.keep(thing, 1, now, 3_usize);
        assert_eq!(memory.recall(thing, 1, now), Some(3_usize));
        assert_eq!(memory.recall::<usize>(thing, 2, now), None);
        assert_eq!(memory.recall::<usize>(("other", 7), 1, now), None);
    }

    #[test]
    fn what_came_soon_after_an_entry_is_computed_once_more() {
        let (memory, now) = (Memory::default(), Instant::now());
        let thing = ("count", 7);
        memory.keep(thing, 1, now, 3_usize);
        let later = now + SETTLED;
        assert_eq!(memory.recall::<usize>(thing, 1, later), None);
        memory.keep(thing, 1, later, 4_usize);
        assert_eq!(memory.recall(thing, 1, later + SETTLED * 9), Some(4_usize));
    }
}
