//! Canonical JSON: written with a fixed key order, read with every problem reported at its place.
//!
//! serde stops at the first fault and speaks English; a person who imports a file wants the whole list in French, so
//! reading goes through [`Canonical`], implemented for the shapes a document uses and derived by [`record!`] and
//! [`words!`](crate::words).

use std::fmt;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::{Map, Value};

/// Longest text accepted, in characters: an exposé fits, a hostile string does not.
pub const TEXT_MAX: usize = 20_000;

/// Past this many problems the list stops: nobody reads on, and a hostile file must not cost memory.
pub const PROBLEMS_MAX: usize = 100;

/// One fault of a document: where, and what is expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Path from the root: `measures[3].reference.value`.
    pub place: String,
    /// A French sentence.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} : {}", self.place, self.sentence)
    }
}

enum Segment {
    Key(&'static str),
    Index(usize),
}

/// Where the reading stands and what it found wrong so far.
#[derive(Default)]
pub struct Reader {
    path: Vec<Segment>,
    problems: Vec<Problem>,
    dropped: usize,
}

impl Reader {
    /// Notes a problem at the present place.
    pub fn problem(&mut self, sentence: impl Into<String>) {
        let place = self.place();
        self.problem_at(place, sentence);
    }

    /// Notes a problem at a place of the caller's choosing.
    pub fn problem_at(&mut self, place: String, sentence: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { place, sentence: sentence.into() });
        } else {
            self.dropped += 1;
        }
    }

    /// What was found, in reading order; past [`PROBLEMS_MAX`] a last line counts the rest.
    pub fn into_problems(mut self) -> Vec<Problem> {
        if self.dropped > 0 {
            self.problems.push(Problem {
                place: "fichier".into(),
                sentence: format!("et {} autres problèmes, non listés.", self.dropped),
            });
        }
        self.problems
    }

    fn place(&self) -> String {
        let mut place = String::new();
        for segment in &self.path {
            match segment {
                Segment::Key(key) => {
                    if !place.is_empty() {
                        place.push('.');
                    }
                    place.push_str(key);
                }
                Segment::Index(index) => {
                    place.push('[');
                    place.push_str(&index.to_string());
                    place.push(']');
                }
            }
        }
        if place.is_empty() { "fichier".into() } else { place }
    }

    fn within<T>(&mut self, segment: Segment, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(segment);
        let result = read(self);
        self.path.pop();
        result
    }

    /// The object at this place, or a problem.
    pub fn object<'v>(&mut self, value: &'v Value) -> Option<&'v Map<String, Value>> {
        let object = value.as_object();
        if object.is_none() {
            self.problem("un objet { … } est attendu ici.");
        }
        object
    }

    /// One field of an object; its absence is the type's own business ([`Canonical::missing`]).
    pub fn field<T: Canonical>(&mut self, object: &Map<String, Value>, key: &'static str) -> Option<T> {
        self.within(Segment::Key(key), |reader| match object.get(key) {
            Some(value) => T::read(value, reader),
            None => T::missing(reader),
        })
    }

    /// Reports every key that the shape does not know: a misspelt field must not be lost silently.
    pub fn only(&mut self, object: &Map<String, Value>, known: &[&str]) {
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let shown: String = key.chars().take(60).collect();
            self.problem(format!("le champ « {shown} » n’existe pas dans ce format."));
        }
    }
}

/// A shape with one canonical JSON form.
pub trait Canonical: Sized {
    /// Reads a value, noting every problem; `None` when it cannot be made, a problem having been noted.
    fn read(value: &Value, reader: &mut Reader) -> Option<Self>;

    /// The canonical form.
    fn write(&self) -> Value;

    /// What an absent field means.
    fn missing(reader: &mut Reader) -> Option<Self> {
        reader.problem("ce champ est obligatoire et il manque.");
        None
    }

    /// Whether the canonical form leaves the field out.
    fn omitted(&self) -> bool {
        false
    }
}

impl<T: Canonical> Canonical for Option<T> {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value, reader).map(Some) }
    }
    fn write(&self) -> Value {
        self.as_ref().map_or(Value::Null, T::write)
    }
    fn missing(_: &mut Reader) -> Option<Self> {
        Some(None)
    }
    fn omitted(&self) -> bool {
        self.is_none()
    }
}

impl<T: Canonical> Canonical for Vec<T> {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let Some(items) = value.as_array() else {
            reader.problem("une liste [ … ] est attendue ici.");
            return None;
        };
        // Every item is read, so that every problem is reported, before the list as a whole is refused.
        let read: Vec<Option<T>> = items
            .iter()
            .enumerate()
            .map(|(index, item)| reader.within(Segment::Index(index), |reader| T::read(item, reader)))
            .collect();
        read.into_iter().collect()
    }
    fn write(&self) -> Value {
        self.iter().map(T::write).collect()
    }
    fn missing(_: &mut Reader) -> Option<Self> {
        Some(Vec::new())
    }
    fn omitted(&self) -> bool {
        self.is_empty()
    }
}

impl Canonical for String {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let Some(text) = value.as_str() else {
            reader.problem("un texte entre guillemets est attendu ici.");
            return None;
        };
        if text.trim().is_empty() {
            reader.problem("le texte est vide ; retirez le champ s’il n’y a rien à dire.");
            return None;
        }
        if text.chars().nth(TEXT_MAX).is_some() {
            reader.problem(format!("le texte dépasse {TEXT_MAX} caractères."));
            return None;
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            reader.problem("le texte contient un caractère de contrôle, qui ne peut pas être conservé.");
            return None;
        }
        Some(text.to_owned())
    }
    fn write(&self) -> Value {
        Value::String(self.clone())
    }
}

/// A flag is written only when it is set: its absence says no.
impl Canonical for bool {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let flag = value.as_bool();
        if flag.is_none() {
            reader.problem("« true » ou « false » est attendu ici.");
        }
        flag
    }
    fn write(&self) -> Value {
        Value::Bool(*self)
    }
    fn missing(_: &mut Reader) -> Option<Self> {
        Some(false)
    }
    fn omitted(&self) -> bool {
        !self
    }
}

impl Canonical for i32 {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let number = value.as_i64().and_then(|number| Self::try_from(number).ok());
        if number.is_none() {
            reader.problem("un nombre entier est attendu ici.");
        }
        number
    }
    fn write(&self) -> Value {
        Value::from(*self)
    }
}

/// Decimals are strings without trailing zeros: a JSON number would pass through binary floating point.
impl Canonical for Decimal {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let decimal = value.as_str().and_then(|text| Self::from_str_exact(text).ok());
        let Some(decimal) = decimal else {
            reader.problem("un nombre décimal entre guillemets est attendu ici, par exemple \"29.4\".");
            return None;
        };
        // Bounded like typed figures, so that no difference or product of two of them overflows.
        if decimal.abs() >= Self::from(10_i64.pow(15)) {
            reader.problem("ce nombre est trop grand : 15 chiffres avant la virgule au plus.");
            return None;
        }
        Some(decimal.normalize())
    }
    fn write(&self) -> Value {
        Value::String(self.normalize().to_string())
    }
}

impl Canonical for NaiveDate {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let date = value.as_str().and_then(|text| text.parse().ok());
        if date.is_none() {
            reader.problem("une date est attendue ici, par exemple \"2022-04-15\".");
        }
        date
    }
    fn write(&self) -> Value {
        Value::String(self.to_string())
    }
}

/// Deepest nesting of [`Fields`]: a list of records of a field, and no more.
const FIELDS_DEPTH: usize = 4;

/// Some fields of a shape, as the shape writes them: which ones is for whoever holds it to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// Texts, whole numbers, flags, lists and records of them: what canonical shapes are made of.
    fn check(value: &Value, depth: usize, reader: &mut Reader) -> Option<()> {
        match value {
            Value::Object(object) if depth < FIELDS_DEPTH => object
                .iter()
                .all(|(key, it)| key.len() <= 60 && Self::check(it, depth + 1, reader).is_some())
                .then_some(()),
            Value::Array(list) if depth < FIELDS_DEPTH => {
                list.iter().all(|it| Self::check(it, depth + 1, reader).is_some()).then_some(())
            }
            Value::String(_) => String::read(value, reader).map(drop),
            Value::Number(_) => i32::read(value, reader).map(drop),
            Value::Bool(_) => Some(()),
            _ => {
                reader.problem("ce champ n’a pas une forme que ce format connaisse.");
                None
            }
        }
    }
}

impl Canonical for Fields {
    fn read(value: &Value, reader: &mut Reader) -> Option<Self> {
        let object = reader.object(value)?;
        Self::check(value, 0, reader)?;
        Some(Self(object.clone()))
    }
    fn write(&self) -> Value {
        Value::Object(self.0.clone())
    }
    fn missing(_: &mut Reader) -> Option<Self> {
        Some(Self::default())
    }
    fn omitted(&self) -> bool {
        self.0.is_empty()
    }
}

/// Defines a struct and its canonical form at once, fields in the order they stand.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $Name:ident { $( $(#[$field_meta:meta])* pub $field:ident : $Type:ty ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $Name { $( $(#[$field_meta])* pub $field: $Type ),+ }

        impl $crate::kernel::canonical::Canonical for $Name {
            fn read(
                value: &serde_json::Value,
                reader: &mut $crate::kernel::canonical::Reader,
            ) -> Option<Self> {
                let object = reader.object(value)?;
                // Every field is read before any is refused, so that all problems are reported together.
                $( let $field = reader.field::<$Type>(object, stringify!($field)); )+
                reader.only(object, &[$( stringify!($field) ),+]);
                Some(Self { $( $field: $field? ),+ })
            }

            fn write(&self) -> serde_json::Value {
                use $crate::kernel::canonical::Canonical;
                let mut object = serde_json::Map::new();
                $( if !Canonical::omitted(&self.$field) {
                    object.insert(stringify!($field).to_owned(), Canonical::write(&self.$field));
                } )+
                serde_json::Value::Object(object)
            }
        }
    };
}

/// Defines an enum whose variants have one stable word each, shared by the document, the database and URLs.
#[macro_export]
macro_rules! words {
    ($(#[$meta:meta])* pub enum $Name:ident { $( $(#[$variant_meta:meta])* $Variant:ident = $word:literal ),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $Name { $( $(#[$variant_meta])* $Variant ),+ }

        impl $Name {
            /// Every variant, in order.
            pub const ALL: &'static [Self] = &[$( Self::$Variant ),+];

            /// The stable word.
            pub const fn word(self) -> &'static str {
                match self { $( Self::$Variant => $word ),+ }
            }

            /// The variant of a word, `None` for an unknown one.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $( $word => Some(Self::$Variant), )+ _ => None }
            }
        }

        $crate::canonical_words!($Name);
    };
}

/// Gives a type with `word`, `from_word` and `ALL` its canonical form.
#[macro_export]
macro_rules! canonical_words {
    ($Name:ident) => {
        impl $crate::kernel::canonical::Canonical for $Name {
            fn read(value: &serde_json::Value, reader: &mut $crate::kernel::canonical::Reader) -> Option<Self> {
                let found = value.as_str().and_then(Self::from_word);
                if found.is_none() {
                    let words: Vec<&str> = Self::ALL.iter().map(|one| one.word()).collect();
                    reader.problem(format!("un de ces mots est attendu ici : {}.", words.join(", ")));
                }
                found
            }
            fn write(&self) -> serde_json::Value {
                serde_json::Value::String(self.word().to_owned())
            }
        }
    };
}

/// Reads trusted text (a journal state, a kept snapshot) back into its shape.
pub fn from_text<T: Canonical>(text: &str) -> Option<T> {
    let value: Value = serde_json::from_str(text).ok()?;
    T::read(&value, &mut Reader::default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    record! {
        /// A shape for the tests.
        pub struct Shape {
            /// Text.
            pub label: String,
            /// Decimal.
            pub value: Option<Decimal>,
            /// List.
            pub rows: Vec<i32>,
            /// Flag.
            pub flag: bool,
        }
    }

    fn read(value: &Value) -> (Option<Shape>, Vec<Problem>) {
        let mut reader = Reader::default();
        let shape = Shape::read(value, &mut reader);
        (shape, reader.into_problems())
    }

    #[test]
    fn what_is_written_reads_back_in_the_same_order() {
        let value = json!({"label": "a", "value": "29.4", "rows": [1, 2], "flag": true});
        let (shape, problems) = read(&value);
        assert_eq!(problems, []);
        assert_eq!(shape.unwrap().write().to_string(), value.to_string());
    }

    #[test]
    fn what_says_nothing_is_left_out() {
        let (shape, _) = read(&json!({"label": "a", "value": null, "rows": [], "flag": false}));
        assert_eq!(shape.unwrap().write().to_string(), r#"{"label":"a"}"#);
    }

    #[test]
    fn trailing_zeros_are_dropped() {
        let (shape, _) = read(&json!({"label": "a", "value": "29.400"}));
        assert_eq!(shape.unwrap().write()["value"], json!("29.4"));
    }

    #[test]
    fn every_problem_is_reported_with_its_place() {
        let (shape, problems) = read(&json!({"value": 29.4, "rows": [1, "x", 2.5], "lable": "a"}));
        assert!(shape.is_none());
        let places: Vec<&str> = problems.iter().map(|problem| problem.place.as_str()).collect();
        assert_eq!(places, ["label", "value", "rows[1]", "rows[2]", "fichier"]);
        assert!(problems[4].sentence.contains("« lable »"));
    }

    #[test]
    fn a_hostile_list_of_problems_is_cut() {
        let rows: Vec<&str> = vec!["x"; 5 * PROBLEMS_MAX];
        let (_, problems) = read(&json!({"label": "a", "rows": rows}));
        assert_eq!(problems.len(), PROBLEMS_MAX + 1);
        assert!(problems[PROBLEMS_MAX].sentence.contains("400 autres"));
    }
}
