//! Passwords: what is asked of a new one, and how they are kept.
//!
//! The CNIL's recommendation (délibération n° 2022-100 du 21 juillet 2022) asks, for a password alone, 80 bits of
//! entropy, and gives three ways to have them: twelve characters of the four classes, fourteen with upper case, lower
//! case and digits, or a phrase of seven words. It also asks that guessable ones be refused whatever their length:
//! that is zxcvbn's judgement, told the person's address and function.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use rand::Rng;
use rand::seq::IndexedRandom;
use zxcvbn::Score;
use zxcvbn::feedback::Warning;

/// Longest password, in characters: far beyond any phrase, and a bound for the work of hashing.
pub const LENGTH_MAX: usize = 200;
/// Shortest with the four classes.
pub const LENGTH_MIN: usize = 12;
/// Shortest without a special character.
const LENGTH_MIN_PLAIN: usize = 14;
/// Words of a phrase.
const WORDS_MIN: usize = 7;
/// Shorter ones (« le », « à ») add little.
const WORD_LENGTH_MIN: usize = 3;

/// The rule, as a form announces it.
pub const HINT: &str = "Au moins 12 caractères avec majuscule, minuscule, chiffre et caractère spécial, ou 14 sans \
     caractère spécial, ou une phrase d’au moins 7 mots. Il ne doit pas être facile à deviner.";

/// Why, in the journal: the password was changed by its holder.
pub const CHANGED: &str = "mot de passe changé";
/// Why, in the journal: the password was chosen through a link.
pub const CHOSEN: &str = "mot de passe choisi par le lien";

/// Words that a French visitor of this application reaches for, which zxcvbn's lists do not hold.
const LOCAL_WORDS: &[&str] = &[
    "cpom",
    "contrat",
    "objectifs",
    "moyens",
    "universite",
    "université",
    "motdepasse",
    "azerty",
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "bonjour",
    "soleil",
    "doudou",
    "chouchou",
    "marseille",
    "france",
    "direction",
    "printemps",
    "automne",
    "hiver",
    "janvier",
    "fevrier",
    "février",
    "mars",
    "avril",
    "juin",
    "juillet",
    "aout",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "décembre",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "bienvenue",
    "secret",
    "administrateur",
];

/// Accepts a new password, or says in one French sentence what is missing.
pub fn check(clear: &str, email: &str, function: &str) -> Result<(), String> {
    let length = clear.chars().count();
    if length == 0 {
        return Err("Choisissez un mot de passe.".into());
    }
    if length > LENGTH_MAX {
        return Err(format!("Le mot de passe dépasse {LENGTH_MAX} caractères."));
    }
    if clear.chars().any(char::is_control) {
        return Err("Le mot de passe contient un caractère invisible, qui ne pourrait pas être retapé.".into());
    }
    let classes = Classes::of(clear);
    if !(is_phrase(clear)
        || classes.are_four() && length >= LENGTH_MIN
        || classes.are_three() && length >= LENGTH_MIN_PLAIN)
    {
        return Err(missing(length, &classes));
    }
    guessable(clear, email, function)
}

/// What is wrong in a form that chooses a password, beside the field it is wrong in; empty where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Errors {
    /// About the present password.
    pub current: String,
    /// About the new one.
    pub new: String,
    /// About its second typing.
    pub again: String,
}

impl Errors {
    /// What is wrong with a new password typed twice.
    pub fn of(new: &str, again: &str, email: &str, function: &str) -> Self {
        let mut errors = Self { new: check(new, email, function).err().unwrap_or_default(), ..Self::default() };
        if errors.new.is_empty() && new != again {
            "Les deux saisies diffèrent : retapez le même mot de passe.".clone_into(&mut errors.again);
        }
        errors
    }

    /// Nothing is.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// Which kinds of characters a password has.
#[expect(clippy::struct_excessive_bools, reason = "four questions, each with its own answer")]
struct Classes {
    upper: bool,
    lower: bool,
    digit: bool,
    special: bool,
}

impl Classes {
    fn of(clear: &str) -> Self {
        Self {
            upper: clear.chars().any(char::is_uppercase),
            lower: clear.chars().any(char::is_lowercase),
            digit: clear.chars().any(char::is_numeric),
            special: clear.chars().any(|c| !c.is_alphanumeric()),
        }
    }

    const fn are_three(&self) -> bool {
        self.upper && self.lower && self.digit
    }

    const fn are_four(&self) -> bool {
        self.are_three() && self.special
    }
}

/// Seven different words: repeating one adds nothing.
fn is_phrase(clear: &str) -> bool {
    let words: std::collections::BTreeSet<String> = clear
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| word.chars().count() >= WORD_LENGTH_MIN)
        .map(str::to_lowercase)
        .collect();
    words.len() >= WORDS_MIN
}

/// What the shortest way to the rule lacks.
fn missing(length: usize, classes: &Classes) -> String {
    // Once fourteen characters are there, a special one is no longer asked.
    let special_wanted = length < LENGTH_MIN_PLAIN && !classes.special;
    let wanted = if special_wanted || classes.special { LENGTH_MIN } else { LENGTH_MIN_PLAIN };
    let mut lacks = Vec::new();
    match wanted.saturating_sub(length) {
        0 => {}
        1 => lacks.push("1 caractère".to_owned()),
        more => lacks.push(format!("{more} caractères")),
    }
    let kinds = [
        (!classes.upper, "une majuscule"),
        (!classes.lower, "une minuscule"),
        (!classes.digit, "un chiffre"),
        (special_wanted, "un caractère spécial"),
    ];
    lacks.extend(kinds.iter().filter(|(lacking, _)| *lacking).map(|(_, kind)| (*kind).to_owned()));
    let last = lacks.pop().unwrap_or_default();
    let lacks = if lacks.is_empty() { last } else { format!("{} et {last}", lacks.join(", ")) };
    format!("Il manque {lacks}. Une phrase d’au moins {WORDS_MIN} mots convient aussi.")
}

/// Fewer different characters repeat themselves.
const DIFFERENT_MIN: usize = 7;
/// What must be left once the person's own words are taken away, in letters and digits.
const LEFT_MIN: usize = 8;

/// Refuses what is in every attacker's list, whatever its length.
fn guessable(clear: &str, email: &str, function: &str) -> Result<(), String> {
    let refuse = |why: &str| {
        Err(format!("Ce mot de passe se devine trop facilement{why}. Ajoutez un ou deux mots sans rapport."))
    };
    let folded = clear.to_lowercase();
    if folded.chars().collect::<std::collections::BTreeSet<char>>().len() < DIFFERENT_MIN {
        return refuse(" : il se répète");
    }
    let own: Vec<String> = [email, function]
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.chars().count() >= WORD_LENGTH_MIN)
        .map(str::to_lowercase)
        .collect();
    let inputs: Vec<&str> = own.iter().map(String::as_str).chain(LOCAL_WORDS.iter().copied()).collect();
    // zxcvbn adds the parts up, and three of the person's own words add up to a lot: they are worth nothing here.
    let left = inputs.iter().fold(folded, |left, word| left.replace(word, " "));
    if left.chars().filter(|c| c.is_alphanumeric()).count() < LEFT_MIN {
        return refuse(" : il tient surtout en mots courants ou tirés de votre adresse et de votre fonction");
    }
    let judged = zxcvbn::zxcvbn(clear, &inputs);
    if judged.score() >= Score::Three {
        return Ok(());
    }
    let why = match judged.feedback().and_then(zxcvbn::feedback::Feedback::warning) {
        Some(Warning::StraightRowsOfKeysAreEasyToGuess | Warning::ShortKeyboardPatternsAreEasyToGuess) => {
            " : il suit les touches du clavier"
        }
        Some(Warning::RepeatsLikeAaaAreEasyToGuess | Warning::RepeatsLikeAbcAbcAreOnlySlightlyHarderToGuess) => {
            " : il se répète"
        }
        Some(Warning::SequencesLikeAbcAreEasyToGuess) => " : il contient une suite comme « abc » ou « 6543 »",
        Some(Warning::RecentYearsAreEasyToGuess | Warning::DatesAreOftenEasyToGuess) => {
            " : il contient une année ou une date"
        }
        Some(
            Warning::ThisIsATop10Password
            | Warning::ThisIsATop100Password
            | Warning::ThisIsACommonPassword
            | Warning::ThisIsSimilarToACommonlyUsedPassword,
        ) => " : il ressemble à un mot de passe très répandu, à votre adresse ou à votre fonction",
        Some(
            Warning::AWordByItselfIsEasyToGuess
            | Warning::NamesAndSurnamesByThemselvesAreEasyToGuess
            | Warning::CommonNamesAndSurnamesAreEasyToGuess,
        ) => " : il tient en un mot ou un nom courant",
        None => "",
    };
    refuse(why)
}

/// No `0`, `O`, `1`, `l`, `I`: what is read from a screen must be typed without doubt.
const READABLE: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A password to read and type: five groups of four, more than 110 bits.
pub fn generate() -> String {
    let mut rng = rand::rng();
    loop {
        let text = group(&mut rng);
        // A group may by chance lack a class; the rule that holds for people holds here.
        if check(&text, "", "").is_ok() {
            return text;
        }
    }
}

fn group(rng: &mut impl Rng) -> String {
    let mut text = String::with_capacity(24);
    for place in 0..20 {
        if place > 0 && place % 4 == 0 {
            text.push('-');
        }
        text.push(READABLE.choose(rng).copied().map_or('x', char::from));
    }
    text
}

/// OWASP's floor for argon2id, measured at 20 ms here: 19 MiB, two passes, one lane.
fn argon2() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(19 * 1024, 2, 1, Some(32)).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

/// The string to keep (PHC format, its salt inside). Slow on purpose: never on a thread that serves pages.
pub fn hash(clear: &str) -> anyhow::Result<String> {
    let hash: PasswordHash =
        argon2()?.hash_password(clear.as_bytes()).map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(hash.to_string())
}

/// Nobody's: checked when there is no account, so that the answer takes as long.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$c2FsdCBvZiBub2JvZHkuLg$S2V5cyB0aGF0IG9wZW4gbm8gZG9vciB3aGF0ZXZlci4";

/// Whether a password is the one kept; slow on purpose, and as slow when nothing is kept.
pub fn verify(clear: &str, kept: Option<&str>) -> bool {
    let Ok(parsed) = PasswordHash::new(kept.unwrap_or(NOBODY)) else {
        tracing::error!("a kept password hash cannot be read");
        return false;
    };
    // The kept string carries its own costs: an older one still verifies. A password beyond the limit was never
    // accepted: the work is the same, on a bounded text.
    let bounded: String = clear.chars().take(LENGTH_MAX + 1).collect();
    let matches = Argon2::default().verify_password(bounded.as_bytes(), &parsed).is_ok();
    matches && kept.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    // Twelve of the four classes, fourteen of three, seven words.
    #[case("Vq7!tramGlis")]
    #[case("Vq7tramGlisPou")]
    #[case("mon chat dort souvent sur trois canapés rouges")]
    #[case("cheval-agrafe-batterie-tulipe-orage-violon-sept")]
    #[case("Œuf?dinde42Zébu")]
    fn accepted(#[case] clear: &str) {
        assert_eq!(check(clear, "x@univ.example", "Direction des finances"), Ok(()));
    }

    #[rstest]
    #[case("", "Choisissez")]
    #[case("Vq7!tramGl", "Il manque 2 caractères.")]
    #[case("Vq7!tramGli", "Il manque 1 caractère.")]
    #[case("vq7!tramglis", "Il manque une majuscule.")]
    #[case("Vq7tramGlisP", "Il manque un caractère spécial.")]
    #[case("tramglispou", "Il manque 1 caractère, une majuscule, un chiffre et un caractère spécial.")]
    #[case("tramglispourvenir", "Il manque une majuscule et un chiffre.")]
    #[case("oui oui oui oui oui oui oui oui", "Il manque une majuscule et un chiffre.")]
    #[case("Vq7!tram\u{7}Glis", "caractère invisible")]
    // Long enough, and yet in every list.
    #[case("Azertyuiop123!", "se devine trop facilement")]
    #[case("Motdepasse2024!", "se devine trop facilement")]
    #[case("AAAAaaaa1111!!!!", "se répète")]
    #[case("Direction-Finances-2026", "se devine trop facilement")]
    #[case("Camille.Durand63", "se devine trop facilement")]
    fn refused(#[case] clear: &str, #[case] sentence: &str) {
        let refusal = check(clear, "camille.durand@univ.example", "Direction des finances").unwrap_err();
        assert!(refusal.contains(sentence), "{refusal}");
    }

    #[test]
    fn too_long_is_refused() {
        assert!(check(&"Vq7!tramGlis ".repeat(16), "", "").unwrap_err().contains("200"));
    }

    #[test]
    fn a_generated_password_follows_the_rule_and_is_new_each_time() {
        let (one, other) = (generate(), generate());
        assert_ne!(one, other);
        assert_eq!(one.len(), 24);
        assert_eq!(check(&one, "", ""), Ok(()));
    }

    #[test]
    fn a_hash_verifies_its_password_only() {
        let kept = hash("Vq7!tramGlis").unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        assert!(verify("Vq7!tramGlis", Some(&kept)));
        assert!(!verify("Vq7!tramGlit", Some(&kept)));
        assert!(!verify("Vq7!tramGlis", None));
        assert!(!verify("Vq7!tramGlis", Some("nonsense")));
    }

    #[test]
    fn nobody_costs_what_anybody_costs() {
        let costs = |text: &str| PasswordHash::new(text).unwrap().params.to_string();
        assert_eq!(costs(NOBODY), costs(&hash("Vq7!tramGlis").unwrap()));
    }
}
