//! Assembling a document from the database, and writing the differences with another one, journaled.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::model::{Change, Document, Element, Kind, Placed, placed};
use crate::arbitrages::store as arbitrages;
use crate::avenants::store as avenants;
use crate::budget::store as budget;
use crate::commitments::store as commitments;
use crate::followups::store as followups;
use crate::indicators::model::Cell;
use crate::indicators::store as indicators;
use crate::jalons::store as jalons;
use crate::journal::model::{Act, Change as Journaled, Source, Standing};
use crate::journal::store as journal;
use crate::kernel::canonical::Reader;
use crate::plans::store::{self as plans, Header};
use crate::posts::store as posts;
use crate::printed::store as printed;
use crate::reserves::store as reserves;

/// The document of a plan with the plan's id; `None` for an unknown code.
pub async fn load(conn: &mut PgConnection, code: &str) -> sqlx::Result<Option<(i64, Document)>> {
    let Some(header) = plans::header(conn, code).await? else { return Ok(None) };
    Ok(Some((header.id, whole(conn, header).await?)))
}

/// The document of a plan that was found.
pub async fn whole(conn: &mut PgConnection, header: Header) -> sqlx::Result<Document> {
    let plan_id = header.id;
    let mut document = definitions(conn, header, |kind| kind != Kind::Condition).await?;
    document.framework = plans::framework(conn).await?;
    let cells = indicators::cells(conn, plan_id, indicators::CellFilter::default()).await?;
    document.cells = cells.into_iter().map(|kept| kept.cell).collect();
    let dossier = arbitrages::dossier(conn, plan_id).await?;
    document.conditions = dossier.conditions;
    document.arbitrages = dossier.decisions;
    document.amendments = dossier.amendments;
    document.opinions = dossier.opinions;
    document.followups = followups::of_plan(conn, plan_id).await?.into_iter().map(|kept| kept.followup).collect();
    document.reserves = reserves::of_plan(conn, plan_id).await?.into_iter().map(|kept| kept.reserve).collect();
    document.avenants = avenants::of_plan(conn, plan_id).await?.into_iter().map(|kept| kept.avenant).collect();
    document.mentions = printed::of_plan(conn, plan_id).await?.0;
    document.sort();
    Ok(document)
}

/// A part of a document: the wanted kinds out of its definitions, and of the framework the rows that its tree declines.
/// Neither situations, nor decisions, nor réserves, nor mentions, nor avenants: it is looked at, never written nor
/// exported. A statement a group of kinds.
pub async fn definitions(
    conn: &mut PgConnection,
    header: Header,
    wanted: impl Fn(Kind) -> bool,
) -> sqlx::Result<Document> {
    let any = |kinds: &[Kind]| kinds.iter().copied().any(&wanted);
    let outline = plans::outline(conn, header.id).await?;
    let jalons = jalons::of_outline(&outline)?;
    let elements = [
        placed([Arc::unwrap_or_clone(header.establishment)], Element::Establishment),
        placed(outline.framework, Element::FrameworkRow),
        placed([header.structure], Element::Structure),
        placed([header.plan], Element::Plan),
        placed(outline.sections, Element::Section),
        placed(outline.steps, Element::Step),
        placed(outline.nodes, Element::Node),
        placed(jalons, Element::Jalon),
    ];
    let mut document = Document::of_elements(elements.concat()).ok_or_else(missing_plan)?;
    if any(&[Kind::Indicator, Kind::Measure, Kind::Target]) {
        let found = indicators::definitions(conn, header.id, None).await?;
        (document.indicators, document.measures, document.targets) = (found.indicators, found.measures, found.targets);
    }
    if any(&[Kind::PostLine, Kind::PostTable, Kind::Potential]) {
        let found = posts::shown(conn, header.id).await?.posts;
        (document.posts, document.post_tables, document.potential) = (found.lines, found.tables, found.potential);
    }
    if any(&[Kind::Heading, Kind::Action, Kind::Request, Kind::Envelope, Kind::Commitment]) {
        let found = commitments::all(conn, header.id).await?;
        document.headings = found.headings;
        document.actions = found.actions.into_iter().map(|(action, _)| action).collect();
        document.requests = found.requests;
        document.envelopes = found.envelopes;
        document.commitments = found.commitments.into_iter().map(|(commitment, _)| commitment).collect();
    }
    if wanted(Kind::BudgetLine) {
        document.budget = budget::lines(conn, &[header.id]).await?.into_iter().map(|kept| kept.line).collect();
    }
    if wanted(Kind::Condition) {
        document.conditions = arbitrages::dossier(conn, header.id).await?.conditions;
    }
    if wanted(Kind::BudgetTotals) {
        document.budget_totals = budget::surroundings(conn, header.id).await?.printed;
    }
    document.sort();
    Ok(document)
}

/// The elements shared by every plan: establishment, framework, and one structure when it is known.
pub async fn shared(conn: &mut PgConnection, structure: &str) -> sqlx::Result<Vec<Placed>> {
    let single = |element| Placed { element, position: 0 };
    let mut elements: Vec<Placed> =
        plans::establishment(conn).await?.map(|it| single(Element::Establishment(it))).into_iter().collect();
    elements.extend(
        plans::framework(conn)
            .await?
            .into_iter()
            .zip(0..)
            .map(|(row, position)| Placed { element: Element::FrameworkRow(row), position }),
    );
    if let Some((_, structure)) = plans::structure(conn, structure).await? {
        elements.push(single(Element::Structure(structure)));
    }
    Ok(elements)
}

/// Records an import and returns its number.
async fn record_import(conn: &mut PgConnection, plan_id: i64, act: &Act, sha256: &[u8]) -> sqlx::Result<i64> {
    sqlx::query_scalar!(
        "INSERT INTO import_run (plan_id, at, actor, sha256) VALUES ($1, $2, $3, $4) RETURNING id",
        plan_id,
        act.at,
        act.actor.function,
        sha256,
    )
    .fetch_one(conn)
    .await
}

/// Writes the changes that lead to `document` and journals each, in the caller's transaction. Returns the plan's id.
pub async fn write(conn: &mut PgConnection, act: &Act, document: &Document, changes: &[Change]) -> sqlx::Result<i64> {
    let (plan_id, versions) = apply(conn, act, document, changes).await?;
    journal(conn, act, Some(plan_id), changes, versions).await?;
    Ok(plan_id)
}

/// The same for an import: recorded as a whole, and each of its changes under its number.
pub async fn write_import(
    conn: &mut PgConnection,
    act: &Act,
    sha256: &[u8],
    document: &Document,
    changes: &[Change],
) -> sqlx::Result<i64> {
    let (plan_id, versions) = apply(conn, act, document, changes).await?;
    let import_id = record_import(conn, plan_id, act, sha256).await?;
    let act = Act { source: Source::Import, import_id: Some(import_id), ..act.clone() };
    journal(conn, &act, Some(plan_id), changes, versions).await?;
    Ok(plan_id)
}

/// Writes changes of what every plan shares (establishment, framework, structures) and journals each.
pub async fn write_shared(conn: &mut PgConnection, act: &Act, changes: &[Change]) -> sqlx::Result<()> {
    let mut cells = HashMap::new();
    let mut versions = Vec::with_capacity(changes.len());
    for change in changes {
        versions.push(match &change.after {
            Some(placed) => put(conn, act, None, placed, &mut cells).await?,
            None => remove(conn, act, None, change, &mut cells).await?,
        });
    }
    journal(conn, act, None, changes, versions).await
}

/// Puts and removes, without the journal. Returns the plan's id and the version each change gave.
async fn apply(
    conn: &mut PgConnection,
    act: &Act,
    document: &Document,
    changes: &[Change],
) -> sqlx::Result<(i64, Vec<i32>)> {
    let mut plan_id = plans::lock_plan(conn, document.plan.code.as_str()).await?;
    let mut cells = match plan_id {
        Some(id) => indicators::cell_versions(conn, id).await?,
        None => HashMap::new(),
    };
    let mut versions = Vec::with_capacity(changes.len());
    for change in changes {
        versions.push(match &change.after {
            Some(Placed { element: Element::Plan(plan), .. }) => {
                let (id, version) = plans::put_plan(conn, plan, &document.structure.code).await?;
                plan_id = Some(id);
                version
            }
            Some(placed) => put(conn, act, plan_id, placed, &mut cells).await?,
            None => remove(conn, act, plan_id, change, &mut cells).await?,
        });
    }
    let plan_id = plan_id.ok_or_else(|| sqlx::Error::Decode("a document always has a plan".into()))?;
    Ok((plan_id, versions))
}

async fn journal(
    conn: &mut PgConnection,
    act: &Act,
    plan_id: Option<i64>,
    changes: &[Change],
    versions: Vec<i32>,
) -> sqlx::Result<()> {
    let entries = changes
        .iter()
        .zip(versions)
        .map(|(change, version)| Journaled {
            plan_id: plan_id.filter(|_| !change.kind.is_shared()),
            kind: change.kind.word(),
            code: &change.code,
            version,
            before: change.before.as_ref().map(Element::state),
            after: change.after.as_ref().map(|placed| placed.element.state()),
            position: change.after.as_ref().map(|placed| placed.position),
        })
        .collect();
    journal::append_all(conn, act, entries).await
}

fn missing_plan() -> sqlx::Error {
    sqlx::Error::Decode("the plan is written before its elements".into())
}

/// Writes one element and returns its version.
async fn put(
    conn: &mut PgConnection,
    act: &Act,
    plan_id: Option<i64>,
    placed: &Placed,
    cells: &mut HashMap<(String, i32), i32>,
) -> sqlx::Result<i32> {
    let position = placed.position;
    let plan = || plan_id.ok_or_else(missing_plan);
    match &placed.element {
        Element::Establishment(it) => plans::put_establishment(conn, it).await,
        Element::FrameworkRow(it) => plans::put_framework_row(conn, it, position).await,
        Element::Structure(it) => plans::put_structure(conn, it).await,
        Element::Plan(_) => Err(missing_plan()),
        Element::Section(it) => plans::put_section(conn, plan()?, it, position).await,
        Element::Step(it) => plans::put_step(conn, plan()?, it, position).await,
        Element::Node(it) => plans::put_node(conn, plan()?, it, position).await,
        Element::Indicator(it) => indicators::put_indicator(conn, plan()?, it, position).await,
        Element::Measure(it) => indicators::put_measure(conn, plan()?, it, position).await,
        Element::Target(it) => indicators::put_target(conn, plan()?, it).await,
        Element::Cell(it) => put_cell(conn, act, plan()?, it, cells).await,
        Element::PostLine(it) => posts::put_line(conn, plan()?, it, position).await,
        Element::PostTable(it) => posts::put_table(conn, plan()?, it, position).await,
        Element::Potential(it) => posts::put_potential(conn, plan()?, it, position).await,
        Element::Heading(it) => commitments::put_heading(conn, plan()?, it, position).await,
        Element::Action(it) => commitments::put_action(conn, plan()?, it, position).await,
        Element::Request(it) => commitments::put_request(conn, plan()?, it, position).await,
        Element::Envelope(it) => commitments::put_envelope(conn, plan()?, it, position).await,
        Element::Commitment(it) => commitments::put_commitment(conn, plan()?, it, position).await,
        Element::Condition(it) => arbitrages::put_condition(conn, plan()?, it, position).await,
        Element::BudgetLine(it) => budget::put_line(conn, plan()?, it, position).await,
        Element::BudgetTotals(it) => budget::put_totals(conn, plan()?, it).await,
        Element::Arbitrage(it) => arbitrages::put_arbitrage(conn, plan()?, it).await,
        Element::Amendment(it) => arbitrages::put_amendment(conn, plan()?, it).await,
        Element::Opinion(it) => arbitrages::put_opinion(conn, plan()?, it).await,
        Element::Followup(it) => followups::put_followup(conn, plan()?, it, position).await,
        Element::Jalon(it) => jalons::put_jalon(conn, plan()?, it, position).await,
        Element::Reserve(it) => reserves::put_reserve(conn, plan()?, it, position).await,
        Element::Avenant(it) => avenants::put_avenant(conn, plan()?, it, position).await,
        Element::Mention(it) => printed::put_mention(conn, plan()?, it, position).await,
    }
}

/// Writes one cell over the version this transaction knows; another writer in between fails the whole import.
async fn put_cell(
    conn: &mut PgConnection,
    act: &Act,
    plan_id: i64,
    cell: &Cell,
    versions: &mut HashMap<(String, i32), i32>,
) -> sqlx::Result<i32> {
    let key = (cell.measure.to_string(), cell.period.start_year);
    let base = versions.get(&key).copied().unwrap_or(0);
    let version = indicators::save_cell(conn, plan_id, cell, base, act.at, &act.actor.function)
        .await?
        .ok_or(sqlx::Error::RowNotFound)?;
    versions.insert(key, version);
    Ok(version)
}

/// Takes one element away and returns the version that says so.
async fn remove(
    conn: &mut PgConnection,
    act: &Act,
    plan_id: Option<i64>,
    change: &Change,
    cells: &mut HashMap<(String, i32), i32>,
) -> sqlx::Result<i32> {
    let code = change.code.as_str();
    if change.kind == Kind::FrameworkRow {
        let last = plans::remove_framework_row(conn, code).await?;
        return last.map(|version| version + 1).ok_or(sqlx::Error::RowNotFound);
    }
    let plan_id = plan_id.ok_or_else(missing_plan)?;
    let last = match (&change.before, change.kind) {
        (_, Kind::Section) => plans::remove_section(conn, plan_id, code).await?,
        (_, Kind::Step) => plans::remove_step(conn, plan_id, code).await?,
        (_, Kind::Node) => plans::remove_node(conn, plan_id, code).await?,
        (_, Kind::Indicator) => indicators::remove_indicator(conn, plan_id, code).await?,
        (_, Kind::Measure) => {
            indicators::remove_empty_cells(conn, plan_id, code).await?;
            indicators::remove_measure(conn, plan_id, code).await?
        }
        (_, Kind::PostLine) => posts::remove_line(conn, plan_id, code).await?,
        (_, Kind::PostTable) => posts::remove_table(conn, plan_id, code).await?,
        (_, Kind::Potential) => posts::remove_potential(conn, plan_id, code).await?,
        (Some(Element::Target(it)), _) => {
            indicators::remove_target(conn, plan_id, it.measure.as_str(), it.rank).await?
        }
        (_, Kind::Heading) => commitments::remove_heading(conn, plan_id, code).await?,
        (_, Kind::Action) => commitments::remove_action(conn, plan_id, code).await?,
        (_, Kind::Request) => commitments::remove_request(conn, plan_id, code).await?,
        (_, Kind::Envelope) => commitments::remove_envelope(conn, plan_id, code).await?,
        (_, Kind::Commitment) => commitments::remove_commitment(conn, plan_id, code).await?,
        (_, Kind::Condition) => arbitrages::remove_condition(conn, plan_id, code).await?,
        (_, Kind::BudgetLine) => budget::remove_line(conn, plan_id, code).await?,
        (_, Kind::BudgetTotals) => budget::remove_totals(conn, plan_id).await?,
        (Some(Element::Arbitrage(it)), _) => {
            arbitrages::remove_arbitrage(conn, plan_id, it.subject, it.code.as_str(), it.rank).await?
        }
        (Some(Element::Amendment(it)), _) => {
            arbitrages::remove_amendment(conn, plan_id, it.subject, it.code.as_str(), it.rank).await?
        }
        (Some(Element::Opinion(it)), _) => {
            arbitrages::remove_opinion(conn, plan_id, it.subject, it.code.as_str(), it.rank).await?
        }
        (_, Kind::Followup) => followups::remove(conn, plan_id, code).await?,
        (_, Kind::Jalon) => jalons::remove_jalon(conn, plan_id, code).await?,
        (_, Kind::Reserve) => reserves::remove_reserve(conn, plan_id, code).await?,
        (_, Kind::Avenant) => avenants::remove_avenant(conn, plan_id, code).await?,
        (_, Kind::Mention) => printed::remove_mention(conn, plan_id, code).await?,
        // A cell keeps its row and its version: emptied, it is simply not written in the document.
        (Some(Element::Cell(it)), _) => {
            let empty = Cell::empty(it.measure.clone(), it.period);
            return put_cell(conn, act, plan_id, &empty, cells).await;
        }
        // The establishment, the structure and the plan itself are replaced, never removed.
        _ => None,
    };
    last.map(|version| version + 1).ok_or(sqlx::Error::RowNotFound)
}

/// The document of a plan as it stood at an instant, out of the journal alone; `None` when the plan was not there yet.
///
/// At the present instant it is the export (docs/regles.md §10).
pub async fn as_of(conn: &mut PgConnection, plan_id: i64, at: DateTime<Utc>) -> sqlx::Result<Option<Document>> {
    as_of_without(conn, plan_id, at, &[]).await
}

/// The same without the elements of some kinds: the lists of these are empty.
pub async fn as_of_without(
    conn: &mut PgConnection,
    plan_id: i64,
    at: DateTime<Utc>,
    left_out: &[Kind],
) -> sqlx::Result<Option<Document>> {
    let wanted = Kind::ALL.iter().filter(|kind| !left_out.contains(kind));
    let words: Vec<&str> = wanted.map(|kind| kind.word()).collect();
    of_standing(journal::standing(conn, plan_id, at, &words).await?)
}

/// The words of every kind of element.
pub fn kinds() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.word()).collect()
}

/// The document made of what stood; `None` when the plan was not there yet.
pub fn of_standing(standing: Vec<Standing>) -> sqlx::Result<Option<Document>> {
    let elements: sqlx::Result<Vec<Placed>> = standing
        .into_iter()
        .map(|it| {
            let read =
                Kind::from_word(&it.kind).and_then(|kind| Element::read(kind, &it.state, &mut Reader::default()));
            let element = read.ok_or_else(|| {
                sqlx::Error::Decode(format!("the journal's {} {} does not read", it.kind, it.code).into())
            })?;
            Ok(Placed { element, position: it.position })
        })
        .collect();
    Ok(Document::of_elements(elements?))
}
