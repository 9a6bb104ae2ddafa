//! What was computed of a thing, kept as long as nothing new was written of it and the day is the same.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::NaiveDate;

/// Up to where the history of a thing was read, before what is computed from it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Mark {
    /// Database id of the thing.
    pub id: i64,
    /// Number of its last journal entry.
    pub entry: i64,
    /// Nobody was writing anything at that instant. Otherwise an earlier number may still come, from someone who took it
    /// before and commits after: what is computed then is right, and not kept.
    pub settled: bool,
}

struct Kept {
    entry: i64,
    day: NaiveDate,
    value: Arc<dyn Any + Send + Sync>,
}

type Things = HashMap<(&'static str, i64), Kept>;

/// The memory of a server; each has its own, and the journal keeps them alike.
#[derive(Default)]
pub struct Memory(Mutex<Things>);

impl Memory {
    fn kept(&self) -> MutexGuard<'_, Things> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept under a name of each of these things; whoever asks computes what is missing.
    pub fn recall<T: Any + Send + Sync>(
        &self,
        what: &'static str,
        today: NaiveDate,
        marks: impl IntoIterator<Item = Mark>,
    ) -> Recalled<'_, T> {
        let kept = self.kept();
        let (mut found, mut missing) = (HashMap::new(), HashMap::new());
        for mark in marks {
            let same = kept.get(&(what, mark.id)).filter(|it| it.entry == mark.entry && it.day == today);
            match same.and_then(|it| Arc::clone(&it.value).downcast::<T>().ok()) {
                Some(value) => drop(found.insert(mark.id, value)),
                None => drop(missing.insert(mark.id, mark)),
            }
        }
        Recalled { memory: self, what, today, found, missing }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").finish_non_exhaustive()
    }
}

/// What the memory gave back of some things, and what it did not.
pub struct Recalled<'m, T> {
    memory: &'m Memory,
    what: &'static str,
    today: NaiveDate,
    found: HashMap<i64, Arc<T>>,
    missing: HashMap<i64, Mark>,
}

impl<T: Any + Send + Sync> Recalled<'_, T> {
    /// The things that are to be computed, by their database ids.
    pub fn missing(&self) -> Vec<i64> {
        self.missing.keys().copied().collect()
    }

    /// Adds what was computed of a thing that was missing, and keeps it for others; of another, nothing was asked.
    pub fn keep(&mut self, id: i64, value: T) {
        let Some(mark) = self.missing.remove(&id) else { return };
        let value = Arc::new(value);
        self.found.insert(id, Arc::clone(&value));
        if mark.settled {
            self.memory.kept().insert((self.what, id), Kept { entry: mark.entry, day: self.today, value });
        }
    }

    /// All that was found or computed.
    pub fn all(self) -> HashMap<i64, Arc<T>> {
        self.found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(id: i64, entry: i64) -> Mark {
        Mark { id, entry, settled: true }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    /// What is found of a thing, and whether it had to be computed, as this.
    fn seen(memory: &Memory, what: &'static str, today: &str, mark: Mark, computed: usize) -> (usize, bool) {
        let mut recalled = memory.recall::<usize>(what, day(today), [mark]);
        let missed = recalled.missing() == [mark.id];
        recalled.keep(mark.id, computed);
        (*recalled.all()[&mark.id], missed)
    }

    #[test]
    fn what_is_kept_lasts_until_something_is_written_or_the_day_ends() {
        let memory = Memory::default();
        assert_eq!(seen(&memory, "count", "2025-09-12", mark(7, 1), 3), (3, true));
        assert_eq!(seen(&memory, "count", "2025-09-12", mark(7, 1), 9), (3, false));
        assert_eq!(seen(&memory, "count", "2025-09-12", mark(7, 2), 4), (4, true));
        assert_eq!(seen(&memory, "other", "2025-09-12", mark(7, 2), 5), (5, true));
        assert_eq!(seen(&memory, "count", "2025-09-13", mark(7, 2), 6), (6, true));
    }

    #[test]
    fn what_is_computed_while_somebody_writes_is_not_kept() {
        let memory = Memory::default();
        let busy = Mark { settled: false, ..mark(7, 1) };
        assert_eq!(seen(&memory, "count", "2025-09-12", busy, 3), (3, true));
        assert_eq!(seen(&memory, "count", "2025-09-12", mark(7, 1), 4), (4, true));
        // What was kept before they began to write is as good as it was.
        assert_eq!(seen(&memory, "count", "2025-09-12", busy, 5), (4, false));
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let memory = Memory::default();
        seen(&memory, "count", "2025-09-12", mark(7, 1), 3);
        let mut recalled = memory.recall::<usize>("count", day("2025-09-12"), [mark(7, 1), mark(8, 1)]);
        assert_eq!(recalled.missing(), [8]);
        // Nobody asked for it.
        recalled.keep(7, 9);
        recalled.keep(8, 5);
        let all = recalled.all();
        assert_eq!((*all[&7], *all[&8]), (3, 5));
    }
}
