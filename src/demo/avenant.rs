//! An avenant of the demonstration: prepared, agreed by the direction, and waiting for the directoire.

use anyhow::Context;
use chrono::NaiveDate;
use serde_json::json;

use crate::access::Party;
use crate::avenants::ground::{Ground, difference};
use crate::avenants::model::{Avenant, Content, Subject};
use crate::document::model::Document;
use crate::kernel::ids::Code;

/// The contract that it changes.
pub const CONTRACT: &str = "uca-viv-2023-2027";
/// The measure of which it raises the target: students enrolled.
const MEASURE: &str = "6";
/// What the target becomes; the signed contract says 240.
const TARGET: &str = "260";

/// Adds it to the document of its contract, as written and agreed on this day.
pub fn prepare(document: &mut Document, director: &str, today: NaiveDate) -> anyhow::Result<()> {
    let (number, measure) = Code::new("1").zip(Code::new(MEASURE)).context("les codes de l’avenant se lisent")?;
    let ground = Ground {
        indicators: document.indicators.clone(),
        measures: document.measures.clone(),
        targets: document.targets.clone(),
        jalons: document.jalons.clone(),
    };
    let present = ground.present(Subject::Target, MEASURE).context("la mesure a une cible")?;
    let mut wanted = present.clone();
    wanted.0.insert("figure".into(), json!({"status": "valeur", "value": TARGET}));
    let content = Content {
        reference: Some("Avenant 1 (donnée fictive)".into()),
        dated_on: Some(today),
        reason: "Ouverture d’un second groupe de première année (donnée fictive).".into(),
        deliberation: None,
    };
    let change = difference(Subject::Target, &measure, &present, &wanted);
    let avenant = Avenant::new(number, content).with_change(Subject::Target, &measure, change);
    document.avenants.push(avenant.agree(Party::Director, today, director).map_err(anyhow::Error::msg)?);
    Ok(())
}
