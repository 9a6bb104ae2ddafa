//! JSON out of an unknown file: read within bounds, and without losing anything silently.
//!
//! `serde_json` keeps the last of two equal keys and builds as many values as a file holds: a 16 MB list of empty lists
//! takes hundreds of them. Here a second key is a fault, and reading stops at so many values.

use std::cell::{Cell, RefCell};
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

/// What an editor may put before a text, and JSON refuses.
const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();
/// Most characters of a key that a sentence repeats.
const SHOWN_MAX: usize = 60;

/// Reads one JSON text of at most `values_max` values: numbers, texts, lists, objects.
///
/// # Errors
/// A French sentence that says where and what.
pub fn read(bytes: &[u8], values_max: usize) -> Result<Value, String> {
    if bytes.starts_with(BYTE_ORDER_MARK) {
        return Err("le fichier commence par une marque d’ordre des octets ; enregistrez-le en UTF-8 sans BOM.".into());
    }
    let budget = Budget { left: Cell::new(values_max), fault: RefCell::default() };
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let read = Bounded(&budget).deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    read.map_err(|error| {
        let fault = budget.fault.take().unwrap_or_else(|| "ce n’est pas un document JSON lisible".into());
        format!("{fault} : ligne {}, colonne {}.", error.line(), error.column())
    })
}

/// What may still be read, and why it was not.
struct Budget {
    left: Cell<usize>,
    fault: RefCell<Option<String>>,
}

impl Budget {
    fn spend<E: Error>(&self) -> Result<(), E> {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                Ok(())
            }
            None => Err(self.fail("il y a trop de valeurs pour un document".into())),
        }
    }

    fn fail<E: Error>(&self, fault: String) -> E {
        self.fault.replace(Some(fault));
        E::custom("bounded")
    }
}

/// One value, out of what is left.
#[derive(Clone, Copy)]
struct Bounded<'b>(&'b Budget);

impl<'de> DeserializeSeed<'de> for Bounded<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Value, D::Error> {
        self.0.spend()?;
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Bounded<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(flag.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self)? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(key) = fields.next_key::<String>()? {
            if object.contains_key(&key) {
                let shown: String = key.chars().take(SHOWN_MAX).collect();
                return Err(self.0.fail(format!("le champ « {shown} » est deux fois dans le même objet")));
            }
            object.insert(key, fields.next_value_seed(self)?);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn what_is_json_is_read_as_it_is() {
        let text = r#" {"b": [1, -2, 2.5, "é\u00e9", true, null, {}], "a": {"c": []}} "#;
        let value = read(text.as_bytes(), 100).unwrap();
        assert_eq!(value, json!({"b": [1, -2, 2.5, "éé", true, null, {}], "a": {"c": []}}));
        assert_eq!(value.as_object().unwrap().keys().collect::<Vec<_>>(), ["b", "a"], "keys keep their order");
    }

    #[test]
    fn each_value_counts_and_one_too_many_stops() {
        let text = br#"[1, {"a": "b"}, []]"#;
        assert!(read(text, 5).is_ok());
        assert!(read(text, 4).unwrap_err().starts_with("il y a trop de valeurs pour un document : ligne 1, colonne"));
    }

    #[test]
    fn a_field_said_twice_is_told() {
        let told = read(b"{\"a\": 1,\n \"b\": {\"c\": 1, \"c\": 2}}", 100).unwrap_err();
        assert_eq!(told, "le champ « c » est deux fois dans le même objet : ligne 2, colonne 18.");
    }

    #[test]
    fn what_is_not_json_is_told_with_its_place() {
        let deep = "[".repeat(200);
        for (bytes, words) in [
            (&b"\xef\xbb\xbf{}"[..], "UTF-8 sans BOM"),
            (b"", "ligne 1, colonne 0"),
            (b"{\"a\": 1", "ligne 1, colonne 7"),
            (b"{} {}", "ligne 1, colonne 4"),
            (b"[\"\xff\"]", "ligne 1, colonne"),
            (br#"["\ud800"]"#, "ligne 1, colonne"),
            (b"[1e999]", "ligne 1, colonne"),
            (b"[NaN]", "ligne 1, colonne"),
            (deep.as_bytes(), "ligne 1, colonne 128"),
        ] {
            let told = read(bytes, 1000).unwrap_err();
            assert!(told.contains(words), "{told}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in ".*") {
            let _ = read(text.as_bytes(), 10);
        }
    }
}
