//! What may be granted: the role, what it bears on, and from when to when (docs/regles.md §8).
//!
//! A page, a delegation and a command ask for the same things in the same words, and are refused in the same ones.

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

use super::model::{Grant, Role, Scope};

/// Most codes in one grant: beyond, it is a director's.
const ITEMS_MAX: usize = 60;
/// Longest delegation: a campaign comes back every year, and so does the choice of who helps.
const DELEGATION_MONTHS: Months = Months::new(12);

/// A structure that a grant may name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StructurePlace {
    /// Database id.
    pub id: i64,
    /// Stable code.
    pub code: String,
    /// Short name.
    pub acronym: String,
    /// Name.
    pub label: String,
}

/// A plan that a grant may name, with what it may give there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanPlace {
    /// Database id.
    pub id: i64,
    /// Stable code.
    pub code: String,
    /// Title.
    pub title: String,
    /// Whose plan.
    pub structure_id: i64,
    /// Numbers of its indicators and measures.
    pub codes: Vec<String>,
}

/// Everything a grant may bear on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Structures, in their order.
    pub structures: Vec<StructurePlace>,
    /// Plans, by code.
    pub plans: Vec<PlanPlace>,
}

/// A grant as someone asks for it, nothing read yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// A role's word.
    pub role: String,
    /// A structure's or a plan's code; empty for the whole establishment.
    pub place: String,
    /// Codes of indicators, measures and jalons, separated by commas or spaces.
    pub items: String,
    /// First day (`2026-09-01`); empty: at once.
    pub starts_on: String,
    /// Last day; empty: without end.
    pub ends_on: String,
}

impl Asked {
    /// Reads the scope of a command: a structure's code, or `PLAN:13,J16.a`.
    pub fn command(role: &str, scope: Option<&str>) -> Self {
        let (place, items) = scope.unwrap_or_default().split_once(':').unwrap_or((scope.unwrap_or_default(), ""));
        Self { role: role.to_owned(), place: place.to_owned(), items: items.to_owned(), ..Self::default() }
    }
}

/// A grant that may be given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewGrant {
    /// The grant.
    pub grant: Grant,
    /// By a director, on a plan of theirs.
    pub delegated: bool,
}

/// A grant that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Database id.
    pub id: i64,
    /// Raised by every change.
    pub version: i32,
    /// Whose.
    pub account_id: i64,
    /// Their address.
    pub email: String,
    /// Their function.
    pub function: String,
    /// What was given.
    pub grant: Grant,
    /// The name of the structure or plan.
    pub place: Option<String>,
    /// By a director, on a plan of theirs.
    pub delegated: bool,
    /// Who gave it, by function.
    pub granted_by: String,
    /// When.
    pub granted_at: DateTime<Utc>,
}

/// What is wrong, beside the field it is wrong in; an empty sentence where nothing is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refused {
    /// About the role.
    pub role: String,
    /// About the structure or plan.
    pub place: String,
    /// About the codes.
    pub items: String,
    /// About the first day.
    pub starts_on: String,
    /// About the last day.
    pub ends_on: String,
}

impl Refused {
    /// All of it, for a terminal.
    pub fn sentences(&self) -> String {
        let all = [&self.role, &self.place, &self.items, &self.starts_on, &self.ends_on];
        all.into_iter().filter(|sentence| !sentence.is_empty()).cloned().collect::<Vec<_>>().join(" ")
    }

    fn is_empty(&self) -> bool {
        self == &Self::default()
    }
}

/// Reads what an administrator asks, or says all that is wrong with it. `held` are the account's present grants.
pub fn read(asked: &Asked, places: &Places, held: &[Held], today: NaiveDate) -> Result<NewGrant, Refused> {
    let mut refused = Refused::default();
    let role = Role::from_word(asked.role.trim());
    if role.is_none() {
        let words: Vec<&str> = Role::ALL.iter().map(|role| role.word()).collect();
        refused.role = format!("Choisissez un rôle ({}).", words.join(", "));
    }
    let starts_on = day(&asked.starts_on, &mut refused.starts_on);
    let ends_on = day(&asked.ends_on, &mut refused.ends_on);
    check_period(starts_on, ends_on, today, &mut refused);
    let scope = role.and_then(|role| scope(role, asked, places, &mut refused));
    match (role, scope) {
        (Some(role), Some(scope)) if refused.is_empty() => {
            let grant = Grant { role, scope, starts_on, ends_on };
            if held.iter().any(|held| held.grant.covers(&grant)) {
                refused.role = "Ce compte a déjà ce droit, pour ces dates.".into();
                return Err(refused);
            }
            Ok(NewGrant { grant, delegated: false })
        }
        _ => Err(refused),
    }
}

/// Reads what a director delegates: a contribution, on a plan of their structure, both dates said.
pub fn read_delegation(
    asked: &Asked,
    places: &Places,
    held: &[Held],
    directed: &[i64],
    today: NaiveDate,
) -> Result<NewGrant, Refused> {
    let own = Places {
        structures: Vec::new(),
        plans: places.plans.iter().filter(|plan| directed.contains(&plan.structure_id)).cloned().collect(),
    };
    let asked = Asked { role: Role::Contributor.word().into(), ..asked.clone() };
    let mut result = read(&asked, &own, held, today);
    let mut refused = result.as_ref().err().cloned().unwrap_or_default();
    if asked.starts_on.trim().is_empty() {
        refused.starts_on = "Indiquez le premier jour de la délégation.".into();
    }
    if asked.ends_on.trim().is_empty() {
        refused.ends_on = "Indiquez le dernier jour de la délégation.".into();
    }
    if let Ok(NewGrant { grant: Grant { starts_on: Some(first), ends_on: Some(last), .. }, .. }) = &result
        && first.checked_add_months(DELEGATION_MONTHS).is_some_and(|limit| *last >= limit)
    {
        refused.ends_on = "Une délégation dure un an au plus ; vous pourrez la renouveler.".into();
    }
    if !refused.is_empty() {
        return Err(refused);
    }
    if let Ok(new) = &mut result {
        new.delegated = true;
    }
    result
}

impl Grant {
    /// Already gives all that the other would.
    fn covers(&self, other: &Self) -> bool {
        let scope = match (&self.scope, &other.scope) {
            (Scope::Items { plan_id, items, .. }, Scope::Items { plan_id: plan, items: wanted, .. }) => {
                plan_id == plan && wanted.iter().all(|item| items.contains(item))
            }
            (own, other) => own == other,
        };
        let first = self.starts_on.is_none_or(|own| other.starts_on.is_some_and(|other| own <= other));
        let last = self.ends_on.is_none_or(|own| other.ends_on.is_some_and(|other| other <= own));
        self.role == other.role && scope && first && last
    }
}

fn day(text: &str, refusal: &mut String) -> Option<NaiveDate> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    // A year typed with two or five digits is a slip, and PostgreSQL's calendar ends before chrono's.
    let day = text.parse::<NaiveDate>().ok().filter(|day| (1990..=2100).contains(&day.year()));
    if day.is_none() {
        "Une date est attendue, par exemple 2026-09-01.".clone_into(refusal);
    }
    day
}

fn check_period(starts_on: Option<NaiveDate>, ends_on: Option<NaiveDate>, today: NaiveDate, refused: &mut Refused) {
    let Some(last) = ends_on else { return };
    if starts_on.is_some_and(|first| last < first) {
        refused.ends_on = "Le dernier jour vient avant le premier.".into();
    } else if last < today {
        refused.ends_on = "Ce jour est déjà passé.".into();
    }
}

fn scope(role: Role, asked: &Asked, places: &Places, refused: &mut Refused) -> Option<Scope> {
    let place = asked.place.trim();
    let structure = places.structures.iter().find(|structure| structure.code == place);
    let plan = places.plans.iter().find(|plan| plan.code == place);
    if role != Role::Contributor && !asked.items.trim().is_empty() {
        refused.items = "Ce rôle ne porte pas sur des indicateurs : laissez ce champ vide.".into();
    }
    match role {
        Role::Director => {
            if structure.is_none() {
                let known: Vec<&str> = places.structures.iter().map(|structure| structure.code.as_str()).collect();
                refused.place = format!("Choisissez la structure dirigée ({}).", listed(&known));
            }
            structure.map(|structure| Scope::Structure { id: structure.id, code: structure.code.clone() })
        }
        Role::Contributor => {
            let Some(plan) = plan else {
                let known: Vec<&str> = places.plans.iter().map(|plan| plan.code.as_str()).collect();
                refused.place = format!("Choisissez le contrat concerné ({}).", listed(&known));
                return None;
            };
            match items(&asked.items, &plan.codes) {
                Ok(items) => Some(Scope::Items { plan_id: plan.id, plan: plan.code.clone(), items }),
                Err(refusal) => {
                    refused.items = refusal;
                    None
                }
            }
        }
        _ => {
            if !place.is_empty() {
                refused.place =
                    "Ce rôle porte sur tout l’établissement : ne choisissez ni structure ni contrat.".into();
            }
            Some(Scope::Establishment)
        }
    }
}

fn listed(known: &[&str]) -> String {
    if known.is_empty() { "aucun n’est encore importé".into() } else { known.join(", ") }
}

/// Reads `13, 4.a J16.a`: numbers and jalons of the plan, whatever their case.
fn items(text: &str, known: &[String]) -> Result<Vec<String>, String> {
    let mut items: Vec<String> = Vec::new();
    for word in text.split(|c: char| c.is_whitespace() || matches!(c, ',' | ';')).filter(|word| !word.is_empty()) {
        let item = known.iter().find(|code| code.eq_ignore_ascii_case(word)).cloned().ok_or_else(|| {
            let shown: String = word.chars().take(20).collect();
            format!("« {shown} » n’est ni un indicateur, ni une mesure, ni un jalon de ce contrat.")
        })?;
        if !items.contains(&item) {
            items.push(item);
        }
    }
    match items.len() {
        0 => Err("Indiquez les indicateurs, mesures ou jalons donnés, par exemple 13, J16.a.".into()),
        1..=ITEMS_MAX => Ok(items),
        _ => Err(format!("Au plus {ITEMS_MAX} indicateurs, mesures ou jalons à la fois.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn places() -> Places {
        let structure =
            |id, code: &str| StructurePlace { id, code: code.into(), acronym: code.into(), label: code.into() };
        let plan = |id, code: &str, structure_id, codes: &[&str]| PlanPlace {
            id,
            code: code.into(),
            title: code.into(),
            structure_id,
            codes: codes.iter().map(|code| (*code).to_owned()).collect(),
        };
        Places {
            structures: vec![structure(1, "iut"), structure(2, "droit")],
            plans: vec![
                plan(10, "uca-iut", 1, &["4", "13", "13.a", "13.b", "J3", "J16", "J16.a"]),
                plan(20, "uca-droit", 2, &["1"]),
            ],
        }
    }

    fn asked(role: &str, place: &str, items: &str) -> Asked {
        Asked { role: role.into(), place: place.into(), items: items.into(), ..Asked::default() }
    }

    fn asks(asked: &Asked) -> Result<Grant, Refused> {
        read(asked, &places(), &[], date("2025-09-12")).map(|new| new.grant)
    }

    fn held(grant: Grant) -> Held {
        Held {
            id: 1,
            version: 1,
            account_id: 1,
            email: String::new(),
            function: String::new(),
            grant,
            place: None,
            delegated: false,
            granted_by: String::new(),
            granted_at: DateTime::<Utc>::UNIX_EPOCH,
        }
    }

    #[test]
    fn each_role_has_its_scope() {
        assert_eq!(asks(&asked("rh", "", "")).unwrap().scope, Scope::Establishment);
        assert_eq!(asks(&asked("director", "iut", "")).unwrap().scope, Scope::Structure { id: 1, code: "iut".into() });
        let items = vec!["13".to_owned(), "13.a".into(), "J16.a".into(), "J3".into()];
        let scope = Scope::Items { plan_id: 10, plan: "uca-iut".into(), items };
        assert_eq!(asks(&asked("contributor", "uca-iut", "13, 13.A;j16.A  J3 13")).unwrap().scope, scope);
    }

    #[rstest]
    #[case("chef", "", "", "Choisissez un rôle")]
    #[case("director", "", "", "structure dirigée (iut, droit)")]
    #[case("director", "uca-iut", "", "structure dirigée")]
    #[case("director", "iut", "13", "laissez ce champ vide")]
    #[case("contributor", "iut", "13", "contrat concerné")]
    #[case("contributor", "uca-iut", "", "par exemple 13, J16.a")]
    #[case("contributor", "uca-iut", "13, 99", "« 99 » n’est ni")]
    #[case("contributor", "uca-iut", "J", "« J » n’est ni")]
    #[case("contributor", "uca-iut", "J16.ab", "« J16.ab »")]
    #[case("finance", "iut", "", "tout l’établissement")]
    fn a_refusal_says_what_is_wrong(
        #[case] role: &str,
        #[case] place: &str,
        #[case] items: &str,
        #[case] sentence: &str,
    ) {
        let refused = asks(&asked(role, place, items)).unwrap_err();
        assert!(refused.sentences().contains(sentence), "{refused:?}");
    }

    #[rstest]
    #[case("2026-01-10", "2026-01-01", "avant le premier")]
    #[case("", "2025-09-11", "déjà passé")]
    #[case("demain", "", "Une date est attendue")]
    #[case("12025-01-01", "", "Une date est attendue")]
    fn periods_are_checked(#[case] starts_on: &str, #[case] ends_on: &str, #[case] sentence: &str) {
        let asked = Asked { starts_on: starts_on.into(), ends_on: ends_on.into(), ..asked("rh", "", "") };
        let refused = asks(&asked).unwrap_err();
        assert!(refused.sentences().contains(sentence), "{refused:?}");
    }

    #[test]
    fn what_is_held_is_not_given_twice() {
        let today = date("2025-09-12");
        let ask = asked("contributor", "uca-iut", "13");
        let given = asks(&asked("contributor", "uca-iut", "13 4")).unwrap();
        assert!(
            read(&ask, &places(), &[held(given.clone())], today).unwrap_err().sentences().contains("déjà ce droit")
        );
        let ended = Grant { ends_on: Some(date("2025-12-31")), ..given };
        assert!(read(&ask, &places(), &[held(ended)], today).is_ok());
    }

    #[test]
    fn a_command_reads_the_same() {
        assert_eq!(Asked::command("director", Some("iut")), asked("director", "iut", ""));
        assert_eq!(
            Asked::command("contributor", Some("uca-iut:13,J16.a")),
            asked("contributor", "uca-iut", "13,J16.a")
        );
        assert_eq!(Asked::command("admin", None), asked("admin", "", ""));
    }

    #[test]
    fn a_director_delegates_on_their_own_plans_for_dated_periods() {
        let today = date("2025-09-12");
        let dated = |place: &str, first: &str, last: &str| Asked {
            starts_on: first.into(),
            ends_on: last.into(),
            ..asked("admin", place, "4")
        };
        let delegate = |asked: &Asked| read_delegation(asked, &places(), &[], &[1], today);
        let new = delegate(&dated("uca-iut", "2025-09-15", "2025-10-15")).unwrap();
        assert!(new.delegated);
        assert_eq!(new.grant.role, Role::Contributor, "whatever the form said");
        assert!(
            delegate(&dated("uca-droit", "2025-09-15", "2025-10-15")).unwrap_err().place.contains("contrat concerné")
        );
        let refused = delegate(&dated("uca-iut", "", "")).unwrap_err();
        assert!(!refused.starts_on.is_empty() && !refused.ends_on.is_empty());
        assert!(delegate(&dated("uca-iut", "2025-09-15", "2026-09-15")).unwrap_err().ends_on.contains("un an au plus"));
        assert!(delegate(&dated("uca-iut", "2025-09-15", "2026-09-14")).is_ok());
    }
}
