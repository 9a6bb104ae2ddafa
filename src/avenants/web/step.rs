//! The steps by which a signed contract, or one of its avenants, is adopted, voted, sent and published.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as Pairs;
use serde::Deserialize;
use serde_json::Value;
use sqlx::{Connection, PgConnection};

use super::{allowed, frame, to, verdict};
use crate::access::Thing;
use crate::accounts::CurrentUser;
use crate::avenants::fields::STEP;
use crate::avenants::store;
use crate::avenants::views::step::{Removal, StepPage};
use crate::journal::model::Change as Journaled;
use crate::journal::store as journal;
use crate::kernel::canonical::{Canonical, Reader};
use crate::kernel::ids::Code;
use crate::plans::model::{AdoptionStep, Vote};
use crate::plans::readable_plan;
use crate::plans::store::{self as plans, Header, KeptStep};
use crate::web::extract::Path;
use crate::web::fields::{self, Form, Options, Posted, Refusal};
use crate::web::flash::Done;
use crate::web::{App, Error, Result};

/// The word of a step in the journal, which the document's kinds share.
pub(super) const STEP_KIND: &str = "adoption";

/// Of which avenant; of the plan itself when it is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    avenant: String,
}

/// The steps of a contract, for someone who records them.
pub(super) struct Steps {
    pub header: Header,
    pub steps: Vec<KeptStep>,
}

impl Steps {
    pub async fn load(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Self> {
        let header = readable_plan(conn, user, code).await?;
        allowed(&verdict(user, app, &Thing::Step { draft: header.plan.draft, closed: header.closed }))?;
        let steps = plans::steps(conn, header.id).await?;
        Ok(Self { header, steps })
    }

    pub fn find(&self, code: &str) -> Result<&KeptStep> {
        self.steps.iter().find(|kept| kept.step.code.as_str() == code).ok_or(Error::NotFound)
    }

    /// The avenant named, when there is one of that code.
    async fn avenant(&self, conn: &mut PgConnection, code: &str) -> Result<Option<Code>> {
        if code.is_empty() {
            return Ok(None);
        }
        let avenants = store::of_plan(conn, self.header.id).await?;
        let found = avenants.into_iter().map(|kept| kept.avenant.code).find(|it| it.as_str() == code);
        found.map(Some).ok_or(Error::NotFound)
    }

    /// A code that no step has.
    fn free_code(&self) -> Result<Code> {
        let taken = |code: &Code| self.steps.iter().any(|it| it.step.code == *code);
        let free = (1..10_000).filter_map(|number| Code::new(&format!("E{number}"))).find(|code| !taken(code));
        free.ok_or_else(|| Error::Internal(anyhow::anyhow!("no code left for a step")))
    }

    /// The form of a step, and of its removal.
    pub async fn page(
        &self,
        conn: &mut PgConnection,
        user: &CurrentUser,
        kept: &KeptStep,
        form: Form,
        removal: Removal,
    ) -> Result<StepPage> {
        let back = form.is_refused() || removal.is_refused();
        let title = if back { "Erreur : Étape d’adoption" } else { "Étape d’adoption" };
        let page = frame(conn, user, &self.header, title.into()).await?;
        Ok(StepPage::of(page, &self.header, kept, form, removal))
    }

    /// The form of a new step, of this avenant or of the plan itself.
    async fn blank(
        &self,
        conn: &mut PgConnection,
        user: &CurrentUser,
        avenant: Option<&Code>,
        form: Form,
    ) -> Result<StepPage> {
        const NAME: &str = "Ajouter une étape d’adoption";
        let title = if form.is_refused() { format!("Erreur : {NAME}") } else { NAME.to_owned() };
        let page = frame(conn, user, &self.header, title).await?;
        Ok(StepPage::blank(page, &self.header, avenant, form))
    }

    /// Where its steps are shown.
    pub fn address(&self, avenant: Option<&Code>) -> String {
        let plan = &self.header.plan.code;
        avenant
            .map_or_else(|| format!("/plans/{plan}#adoption"), |code| format!("/plans/{plan}/avenants/{code}#adoption"))
    }
}

/// Reads a form over what is kept, its shape judging.
fn read(
    posted: &Posted,
    base: &Value,
    code: &Code,
    avenant: Option<&Code>,
) -> (Value, Result<AdoptionStep, Vec<Refusal>>) {
    let (item, mut refusals) = fields::read(STEP, &posted.typed, base);
    let mut whole = item.clone();
    if let Some(object) = whole.as_object_mut() {
        object.insert("code".into(), code.as_str().into());
        if let Some(avenant) = avenant {
            object.insert("avenant".into(), avenant.as_str().into());
        }
    }
    let mut reader = Reader::default();
    let step = AdoptionStep::read(&whole, &mut reader);
    let told: Vec<String> = refusals.iter().map(|it| it.at.clone()).collect();
    refusals.extend(fields::beside(STEP, reader.into_problems()).into_iter().filter(|it| !told.contains(&it.at)));
    let counts = step.as_ref().and_then(|step| step.vote.as_ref()).map(Vote::counts).unwrap_or_default();
    if counts.iter().any(|(_, count)| *count < 0) {
        refusals.push(Refusal::new("vote.in_office", "Un décompte de voix ne peut pas être négatif."));
    }
    match step {
        Some(step) if refusals.is_empty() => (item, Ok(step)),
        _ => (item, Err(refusals)),
    }
}

/// The form of a step as it is kept.
pub(super) fn form(step: &AdoptionStep) -> Form {
    Form::of(STEP, &state(step), &Options::new())
}

/// What the form of a step shows of it.
fn state(step: &AdoptionStep) -> Value {
    let mut state = step.write();
    if let Some(object) = state.as_object_mut() {
        object.remove("code");
        object.remove("avenant");
    }
    state
}

/// `GET /plans/{code}/steps/new`
pub async fn new(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<StepPage> {
    let mut conn = app.conn().await?;
    let steps = Steps::load(&mut conn, &user, &app, &code).await?;
    let avenant = steps.avenant(&mut conn, &asked.avenant).await?;
    let form = Form::of(STEP, &Value::Null, &Options::new());
    steps.blank(&mut conn, &user, avenant.as_ref(), form).await
}

/// `GET /plans/{code}/steps/{step}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, step)): Path<(String, String)>,
) -> Result<StepPage> {
    let mut conn = app.conn().await?;
    let steps = Steps::load(&mut conn, &user, &app, &code).await?;
    let kept = steps.find(&step)?;
    steps.page(&mut conn, &user, kept, form(&kept.step), Removal::default()).await
}

/// `POST /plans/{code}/steps`
pub async fn add(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let named = pairs.iter().find(|(name, _)| name == "avenant").map(|(_, text)| text.clone()).unwrap_or_default();
    let pairs: Vec<(String, String)> = pairs.into_iter().filter(|(name, _)| name != "avenant").collect();
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    plans::lock_plan(&mut tx, &code).await?;
    let steps = Steps::load(&mut tx, &user, &app, &code).await?;
    let avenant = steps.avenant(&mut tx, &named).await?;
    let posted = Posted::new(STEP, &pairs);
    match read(&posted, &Value::Null, &steps.free_code()?, avenant.as_ref()).1 {
        Ok(step) => {
            // After the last: a step taken away leaves its place empty.
            let position = steps.steps.last().map_or(0, |kept| kept.position + 1);
            write(&mut tx, &user, &app, &steps.header, None, &step, position).await?;
            tx.commit().await?;
            Ok(to(&app, Done::StepSaved, &steps.address(avenant.as_ref())))
        }
        Err(refusals) => {
            let form = Form::with(STEP, &posted.typed, &Options::new(), refusals, String::new());
            let page = steps.blank(&mut tx, &user, avenant.as_ref(), form).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /plans/{code}/steps/{step}`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, step)): Path<(String, String)>,
    Pairs(pairs): Pairs<Vec<(String, String)>>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    // Whole: nobody else writes a step until the end.
    plans::lock_plan(&mut tx, &code).await?;
    let steps = Steps::load(&mut tx, &user, &app, &code).await?;
    let place = steps.find(&step)?;
    let before = &place.step;
    let posted = Posted::new(STEP, &pairs);
    let kept = state(before);
    let (item, read) = read(&posted, &kept, &before.code, before.avenant.as_ref());
    let back = |refusals| Form::with(STEP, &posted.typed, &Options::new(), refusals, kept.to_string());
    if posted.conflicts(&kept, &item) {
        let latest = journal::latest(&mut tx, Some(steps.header.id), STEP_KIND, before.code.as_str()).await?;
        let form = posted.disputed(STEP, &kept, &Options::new(), latest);
        let page = steps.page(&mut tx, &user, place, form, Removal::default()).await?;
        return Ok((StatusCode::CONFLICT, page).into_response());
    }
    let after = match read {
        Ok(after) => after,
        Err(refusals) => {
            let page = steps.page(&mut tx, &user, place, back(refusals), Removal::default()).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let address = steps.address(before.avenant.as_ref());
    if after == *before {
        return Ok(to(&app, Done::NothingChanged, &address));
    }
    write(&mut tx, &user, &app, &steps.header, Some(before), &after, place.position).await?;
    tx.commit().await?;
    Ok(to(&app, Done::StepSaved, &address))
}

/// Writes a step and its journal entry.
async fn write(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    header: &Header,
    before: Option<&AdoptionStep>,
    after: &AdoptionStep,
    position: i32,
) -> Result<()> {
    let version = plans::put_step(conn, header.id, after, position).await?;
    let entry = Journaled {
        plan_id: Some(header.id),
        kind: STEP_KIND,
        code: after.code.as_str(),
        version,
        before: before.map(Canonical::write),
        after: Some(after.write()),
        position: Some(position),
    };
    journal::append(conn, &user.act(app.clock.now()), entry).await?;
    Ok(())
}
