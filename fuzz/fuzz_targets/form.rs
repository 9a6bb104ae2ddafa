//! Any body as the form of an element: decoded, read, shown again with what was typed, judged by its shape. The first
//! byte says which element.
#![no_main]

use cpom::document::model::Element;
use cpom::drafts::parts::PARTS;
use cpom::kernel::canonical::{PROBLEMS_MAX, Reader};
use cpom::web::fields::{self, Form, Options, Posted};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Some((first, body)) = bytes.split_first() else { return };
    let part = &PARTS[usize::from(*first) % PARTS.len()];
    let Ok(pairs) = serde_html_form::from_bytes::<Vec<(String, String)>>(body) else { return };
    let posted = Posted::new(part.fields, &pairs);
    let base = posted.was.clone().unwrap_or(Value::Null);
    let (item, mut refusals) = fields::read(part.fields, &posted.typed, &base);
    let _ = posted.conflicts(&base, &item);
    let mut reader = Reader::default();
    let element = Element::read(part.kind, &item, &mut reader);
    let problems = reader.into_problems();
    assert!(problems.len() <= PROBLEMS_MAX + 1);
    assert!(element.is_some() || !problems.is_empty(), "refused without a reason");
    // What holds a text that did not read is never kept.
    let kept = element.filter(|_| refusals.is_empty());
    refusals.extend(fields::beside(part.fields, problems));
    let shown = Form::with(part.fields, &posted.typed, &Options::new(), refusals, String::new());
    let _ = shown.is_refused();
    // What is kept is shown, and posted as it is shown says the same.
    if let Some(element) = kept {
        let state = element.state();
        let typed = fields::typed(part.fields, &state);
        let theirs = fields::typed(part.fields, &base);
        let _ = fields::sides(part.fields, &posted.typed, &typed, &theirs, &Options::new());
        let (again, refusals) = fields::read(part.fields, &typed, &state);
        assert!(refusals.is_empty(), "what is shown is refused: {refusals:?}");
        let again = Element::read(part.kind, &again, &mut Reader::default());
        assert_eq!(again, Some(element), "an untouched form changes something");
    }
});
