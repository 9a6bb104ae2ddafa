//! A mention: where the document says a thing, and the figure that it gives for it, when no other element holds it.

use rust_decimal::Decimal;

use crate::kernel::ids::Code;
use crate::reserves::model::{Subject, Touched};
use crate::{record, words};

/// The word of a mention in the journal, which the document's kinds share.
pub const MENTION_KIND: &str = "mention";

words! {
    /// What a mention says of what it is about.
    pub enum Says {
        /// Only where it is printed.
        Place = "lieu",
        /// How many steps led to the plan.
        Steps = "etapes",
        /// How many things it goes on to list.
        Listed = "enumeration",
        /// How many indicators there are.
        Indicators = "indicateurs",
        /// How many measures there are.
        Measures = "mesures",
        /// How many of them share an indicator, under letters.
        Lettered = "mesures_lettrees",
        /// How many jalons there are, a group counting for one.
        Jalons = "jalons",
        /// Of what the reference of an indicator is made.
        Reference = "reference",
        /// How many headings the structure commits to.
        Headings = "volets",
        /// Where the means asked for are to be.
        PlacesAsked = "lieux_demandes",
        /// Where those granted are.
        PlacesGranted = "lieux_accordes",
        /// Which posts answer which requests.
        Answering = "postes_de_la_demande",
        /// How many posts help the structure to take shape.
        Structuring = "postes_structurants",
        /// How many units at which price make a year's self-financing.
        Yearly = "montant_annuel",
    }
}

record! {
    /// What a mention lists, adds up or multiplies.
    pub struct Term {
        /// As printed.
        pub label: String,
        /// How many; absent counts for one.
        pub value: Option<Decimal>,
    }
}

record! {
    /// Where the document says a thing.
    pub struct Mention {
        /// Stable code.
        pub code: Code,
        /// What it says.
        pub says: Says,
        /// What it is about; a kind of thing without a code is all of them.
        pub about: Vec<Touched>,
        /// As printed.
        pub text: Option<String>,
        /// The figure it gives.
        pub value: Option<Decimal>,
        /// What it lists.
        pub terms: Vec<Term>,
        /// Lines of the source document, in order.
        pub lines: Vec<i32>,
    }
}

impl Mention {
    /// What its terms add up to.
    pub fn sum(&self) -> Decimal {
        self.terms.iter().map(|it| it.value.unwrap_or(Decimal::ONE)).sum()
    }

    /// What its terms multiply to; `None` past what a decimal holds.
    pub fn product(&self) -> Option<Decimal> {
        self.terms.iter().try_fold(Decimal::ONE, |all, it| all.checked_mul(it.value.unwrap_or(Decimal::ONE)))
    }

    /// The codes of what it is about, of one kind.
    pub fn codes(&self, subject: Subject) -> impl Iterator<Item = &str> {
        self.about.iter().filter(move |it| it.subject == subject).filter_map(|it| it.code.as_ref().map(Code::as_str))
    }

    /// What does not hold together, as field and sentence: what the document's checks report.
    pub fn incoherences(&self) -> Vec<(&'static str, &'static str)> {
        let mut found = Vec::new();
        if self.lines.iter().any(|line| *line < 1) {
            found.push(("lines", "une ligne du document est un nombre positif."));
        }
        if self.says == Says::Place && self.about.is_empty() {
            found.push(("about", "un lieu est celui de quelque chose."));
        }
        if self.says != Says::Place && self.value.is_none() && self.terms.is_empty() && self.says != Says::Answering {
            found.push(("value", "une mention donne un chiffre, ou ce qu’elle énumère."));
        }
        if self.about.iter().any(|it| it.subject == Subject::Document && it.code.is_some()) {
            found.push(("about", "le document entier n’a pas de code."));
        }
        found
    }
}

/// The mentions of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions(pub Vec<Mention>);

impl Mentions {
    /// Those that say this.
    pub fn saying(&self, says: Says) -> impl Iterator<Item = &Mention> {
        self.0.iter().filter(move |it| it.says == says)
    }

    /// The figure that a mention of this kind gives, the first one.
    pub fn value(&self, says: Says) -> Option<&Mention> {
        self.saying(says).find(|it| it.value.is_some())
    }

    /// Where a thing is printed; without a code, where all of its kind are.
    pub fn lines(&self, subject: Subject, code: Option<&str>) -> Vec<i32> {
        let touched = |it: &Touched| it.subject == subject && it.code.as_ref().map(Code::as_str) == code;
        self.saying(Says::Place).filter(|it| it.about.iter().any(touched)).flat_map(|it| it.lines.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mention(says: Says, terms: &[(&str, Option<i64>)]) -> Mention {
        Mention {
            code: Code::new("m").unwrap(),
            says,
            about: Vec::new(),
            text: None,
            value: None,
            terms: terms
                .iter()
                .map(|(label, value)| Term { label: (*label).into(), value: value.map(Decimal::from) })
                .collect(),
            lines: Vec::new(),
        }
    }

    #[test]
    fn what_has_no_number_counts_for_one() {
        let it = mention(Says::PlacesAsked, &[("Allier", None), ("Le Puy", None), ("Aurillac", Some(2))]);
        assert_eq!((it.sum(), it.product()), (Decimal::from(4), Some(Decimal::TWO)));
    }

    #[test]
    fn a_product_past_what_a_decimal_holds_is_none() {
        let huge = Some(999_999_999_999_999);
        assert_eq!(mention(Says::Yearly, &[("a", huge), ("b", huge), ("c", huge)]).product(), None);
    }

    #[test]
    fn a_mention_says_something() {
        let told = |it: &Mention| it.incoherences().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(told(&mention(Says::Jalons, &[])), ["value"]);
        assert_eq!(told(&mention(Says::Place, &[])), ["about"]);
        assert_eq!(told(&Mention { lines: vec![0], ..mention(Says::Listed, &[("un", None)]) }), ["lines"]);
    }
}
