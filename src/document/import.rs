//! Import: the whole file is checked, every problem is reported, then all of it is written or nothing.

use std::collections::HashMap;

use sha2::{Digest, Sha256};
use sqlx::{Connection, PgConnection};

use super::model::{Change, Document, Element, Kind};
use super::store;
use crate::access::{self, DialogueState, Thing, Who};
use crate::followups::store as followups;
use crate::indicators::model::{Indicator, Origin};
use crate::indicators::store as indicators;
use crate::journal::model::Act;
use crate::kernel::canonical::Problem;
use crate::kernel::clock;
use crate::plans::store as plans;

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Code of the plan.
    pub code: String,
    /// How many elements changed; 0 when the base already held the same document.
    pub changes: usize,
}

/// Why an import wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file, or its meeting with the database, has problems.
    #[error("{} problème(s) ; rien n’a été écrit", .0.len())]
    Problems(Vec<Problem>),
    /// The database refused.
    #[error("la base de données a refusé, rien n’a été écrit : {0}")]
    Sql(#[from] sqlx::Error),
}

/// Imports a file in one transaction.
///
/// Without `replace`, a plan whose code exists is refused, and so is a file whose establishment, framework or structure
/// differ from those known. With it, only the differences are written, elements matched by their code.
///
/// # Errors
/// Every problem with its place; nothing is written then.
pub async fn import(conn: &mut PgConnection, act: &Act, bytes: &[u8], replace: bool) -> Result<Imported, ImportError> {
    let document = Document::parse(bytes).map_err(ImportError::Problems)?;
    let code = document.plan.code.to_string();
    let mut tx = conn.begin().await?;
    let known = plans::lock_plan(&mut tx, &code).await?;
    let kept = store::load(&mut tx, &code).await?;
    let kept = kept.map(|(_, kept)| kept);
    let signed = kept.as_ref().is_some_and(|kept| !kept.plan.draft);
    let before = match &kept {
        Some(before) => {
            let mut elements = before.elements();
            if before.structure.code != document.structure.code {
                // The plan changes hands: the structure it leaves stays, the one it joins may be known already.
                elements.retain(|placed| placed.element.kind() != Kind::Structure);
                elements.extend(
                    plans::structure(&mut tx, document.structure.code.as_str())
                        .await?
                        .map(|(_, it)| super::model::Placed { element: Element::Structure(it), position: 0 }),
                );
            }
            elements
        }
        None => store::shared(&mut tx, document.structure.code.as_str()).await?,
    };
    let changes = document.changes_from(&before);
    let mut problems = Vec::new();
    if known.is_some() && !replace {
        problems.push(Problem {
            place: "plan.code".into(),
            sentence: format!("le contrat « {code} » existe déjà ; ajoutez --replace pour écrire les différences."),
        });
    }
    if known.is_none() && !replace {
        problems.extend(shared_differences(&changes));
    }
    if document.plan.draft && signed {
        problems.push(Problem {
            place: "plan.draft".into(),
            sentence: "ce contrat est signé : il ne redevient pas un brouillon.".into(),
        });
    }
    if let Some(kept) = kept.as_ref().filter(|_| signed) {
        problems.extend(only_by_avenant(kept, &document));
    }
    problems.extend(another_establishment(&document, &changes));
    problems.extend(framework_still_used(&mut tx, &changes, &code).await?);
    if let Some(plan_id) = known {
        problems.extend(frozen(&mut tx, &document, plan_id, &changes, act).await?);
    }
    if !problems.is_empty() {
        return Err(ImportError::Problems(problems));
    }
    let count = changes.len();
    if count > 0 {
        store::write_import(&mut tx, act, &Sha256::digest(bytes), &document, &changes).await?;
    }
    tx.commit().await?;
    Ok(Imported { code, changes: count })
}

/// A new plan may bring its establishment, but not silently change one that other plans share.
fn shared_differences(changes: &[Change]) -> Vec<Problem> {
    let established = changes.iter().any(|change| change.kind == Kind::Establishment && change.before.is_none());
    changes
        .iter()
        .filter(|change| change.kind.is_shared() && !(change.kind == Kind::Structure && change.before.is_none()))
        .filter(|_| !established)
        .map(|change| Problem {
            place: format!("{} {}", change.kind.word(), change.code),
            sentence: "diffère de ce que la base contient et que d’autres contrats partagent ; \
                       ajoutez --replace pour l’écrire."
                .into(),
        })
        .collect()
}

/// A base is one establishment's: the document of another would leave its contracts without theirs.
fn another_establishment(document: &Document, changes: &[Change]) -> Option<Problem> {
    let other = changes.iter().find(|it| it.kind == Kind::Establishment && it.after.is_none())?;
    Some(Problem {
        place: "establishment.code".into(),
        sentence: format!(
            "cette base est celle de « {} » ; un document de « {} » ne s’y importe pas.",
            other.code, document.establishment.code
        ),
    })
}

async fn framework_still_used(conn: &mut PgConnection, changes: &[Change], code: &str) -> sqlx::Result<Vec<Problem>> {
    let mut problems = Vec::new();
    for change in changes.iter().filter(|it| it.kind == Kind::FrameworkRow && it.after.is_none()) {
        let users = plans::framework_users(conn, &change.code, code).await?;
        if !users.is_empty() {
            problems.push(Problem {
                place: format!("framework {}", change.code),
                sentence: format!("cette ligne du cadre sert encore à : {}.", users.join(", ")),
            });
        }
    }
    Ok(problems)
}

/// The definitions of a signed contract change by avenant alone, whatever the door (docs/regles.md §9). A file may
/// bring what the base does not have yet, correct what was printed, choose a nature or a direction that nobody
/// confirmed, and bring avenants in force with what they changed: nothing else.
fn only_by_avenant(kept: &Document, file: &Document) -> Vec<Problem> {
    const RULE: &str = "ce contrat est signé : ses définitions ne changent que par avenant.";
    let mut problems = Vec::new();
    let mut refuse = |place: String, sentence: &str| problems.push(Problem { place, sentence: sentence.into() });
    let mut expected = kept.clone();
    for avenant in file.avenants.iter().filter(|it| it.since.is_some()) {
        let known = kept.avenants.iter().find(|it| it.code == avenant.code);
        if known.is_some_and(|it| it.since.is_some()) {
            continue;
        }
        if known.is_none() {
            expected.avenants.push(avenant.clone());
        }
        let year = avenant.since.unwrap_or_default();
        match expected.enforced(avenant, year) {
            Ok(after) => expected = after,
            Err(_) => refuse(
                format!("avenant {}", avenant.code),
                "cet avenant ne s’applique pas au contrat que la base contient.",
            ),
        }
    }
    for avenant in kept.avenants.iter().filter(|it| it.since.is_some()) {
        if !file.avenants.contains(avenant) {
            refuse(
                format!("avenant {}", avenant.code),
                "cet avenant est en vigueur : il ne change plus et ne se retire pas.",
            );
        }
    }
    let (before, after) = (expected.definitions(kept), file.definitions(kept));
    for (key, was) in &before {
        let (kind, code) = key;
        match after.get(key) {
            Some(is) if is == was => {}
            Some(_) | None => refuse(format!("{} {code}", kind.word()), RULE),
        }
    }
    // A target that the base does not have is a change of its measure's, when the measure is there already.
    let had = |measure: &str| kept.measures.iter().any(|it| it.code.as_str() == measure);
    for (kind, code) in after.keys().filter(|key| !before.contains_key(*key)) {
        if *kind == Kind::Target && had(code.split('/').next().unwrap_or_default()) {
            refuse(format!("{} {code}", kind.word()), RULE);
        }
    }
    problems
}

/// Imports obey the same rule as pages: a closed plan is not written in, and what a submission received stays as it was
/// received, cell, jalon or action; what the meeting of a closed dialogue wrote stays too, where it stands being said.
async fn frozen(
    conn: &mut PgConnection,
    document: &Document,
    plan_id: i64,
    changes: &[Change],
    act: &Act,
) -> sqlx::Result<Vec<Problem>> {
    let kept = indicators::cells(conn, plan_id, indicators::CellFilter::default()).await?;
    let season = access::store::season(conn, plan_id).await?;
    let expected = indicators::awaited_measures(conn, plan_id).await?;
    let dialogues = followups::dialogues(conn, plan_id).await?;
    let (today, closed) = (clock::day(act.at), season.closed);
    // Found by code: a document may have as many cells as it likes.
    let kept: HashMap<String, &_> =
        kept.iter().map(|kept| (format!("{}/{}", kept.cell.measure, kept.cell.period), kept)).collect();
    let fiches: HashMap<&str, &Indicator> = document.indicators.iter().map(|it| (it.code.as_str(), it)).collect();
    let measured: HashMap<&str, &str> =
        document.measures.iter().map(|it| (it.code.as_str(), it.indicator.as_str())).collect();
    Ok(changes
        .iter()
        .filter_map(|change| {
            let code = change.code.as_str();
            let thing = match change.kind {
                Kind::Cell => {
                    let kept = kept.get(code);
                    let measure = code.split('/').next().unwrap_or_default();
                    let indicator = measured.get(measure).and_then(|code| fiches.get(code));
                    Thing::Cell {
                        plan_id,
                        structure_id: 0,
                        indicator: indicator.map_or("", |indicator| indicator.code.as_str()),
                        measure,
                        by_pilotage: indicator.is_some_and(|indicator| indicator.origin == Origin::Sapcg),
                        asking: kept.and_then(|kept| kept.asking),
                        closed,
                    }
                }
                Kind::Jalon => {
                    Thing::Jalon { plan_id, structure_id: 0, code, group: None, asking: season.jalon(code), closed }
                }
                Kind::Action => Thing::Action { structure_id: 0, asking: season.action(code), closed },
                Kind::Followup => match (&change.before, change.after.as_ref().map(|placed| &placed.element)) {
                    (Some(Element::Followup(before)), Some(Element::Followup(after))) if before.says_as(after) => {
                        Thing::FollowupState { structure_id: 0, closed }
                    }
                    (Some(Element::Followup(it)), _) | (None, Some(Element::Followup(it))) => {
                        // Without a dialogue here, the meeting was held where the file comes from.
                        let dialogue = dialogues.get(&it.year).copied().or(Some(DialogueState::Entry));
                        Thing::Followup { dialogue, closed }
                    }
                    _ => return None,
                },
                Kind::Measure if change.after.is_none() && expected.iter().any(|it| it == code) => {
                    let sentence = "une campagne en cours attend ses situations : retirez-les d’abord de sa liste.";
                    return Some(Problem { place: format!("measures {code}"), sentence: sentence.into() });
                }
                // Any other element of a closed plan is refused as its engagements are.
                kind if !kind.is_shared() => Thing::Commitment { closed },
                _ => return None,
            };
            let verdict = access::may_edit(Who::Command, &thing, today);
            let place = match change.kind {
                Kind::Cell => format!("cells {code}"),
                kind => format!("{} {code}", kind.word()),
            };
            (!verdict.allowed()).then(|| Problem { place, sentence: verdict.sentence() })
        })
        .collect())
}
