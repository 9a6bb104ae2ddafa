//! Any bytes as a document: refused with a bounded list of problems, or read into something that is written and read
//! again the same.
#![no_main]

use cpom::document::model::Document;
use cpom::kernel::canonical::PROBLEMS_MAX;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Document::parse(bytes) {
        Err(problems) => assert!((1..=PROBLEMS_MAX + 1).contains(&problems.len()), "{} problems", problems.len()),
        Ok(document) => {
            let written = document.to_bytes();
            let again = Document::parse(&written);
            assert!(again.is_ok(), "what is exported does not import: {again:?}");
            assert!(again.is_ok_and(|again| again.to_bytes() == written), "an export is not its import's");
            assert!(document.changes_from(&document.elements()).is_empty());
            assert_eq!(Document::of_elements(document.elements()).as_ref(), Some(&document));
        }
    }
});
