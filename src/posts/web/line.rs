//! One post line: what is known of it, its history, and the forms of human resources.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::{allow, field, seen, version};
use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::views::Rights;
use crate::journal::model::Change;
use crate::journal::store::{self as journal, Filter};
use crate::kernel::canonical::Canonical;
use crate::kernel::clock::Clock;
use crate::kernel::ids::Code;
use crate::plans::store as plans;
use crate::posts::entry::{Decision, LineFields, RealisationFields};
use crate::posts::model::{LINE_KIND, PostLine};
use crate::posts::store;
use crate::posts::views::line::{Back, LinePage, LineRights, Loaded, Why};
use crate::reserves;
use crate::reserves::model::Subject as Touches;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// Most journal entries the page of a line shows; the journal's own page has the rest.
const HISTORY_MAX: i64 = 100;

impl Loaded {
    /// Loads it for someone who sees posts; 404 otherwise.
    pub async fn load(
        conn: &mut PgConnection,
        user: &CurrentUser,
        clock: &Clock,
        code: &str,
        line: &str,
    ) -> Result<Self> {
        let header = seen(conn, user, code).await?;
        let kept = store::line(conn, header.id, line).await?.ok_or(Error::NotFound)?;
        let mut objectives = plans::outline(conn, header.id).await?.nodes;
        objectives.retain(|node| usize::try_from(node.level).is_ok_and(|level| level == header.plan.levels.len()));
        let filter = Filter { kind: Some(LINE_KIND.into()), code: Some(line.to_owned()), ..Filter::default() };
        let history = journal::entries(conn, header.id, &filter, HISTORY_MAX).await?;
        let confidential = if user.reads_confidential_posts(header.structure_id) {
            let mut tx = conn.begin().await?;
            store::as_user(&mut tx, user, clock.today()).await?;
            let confidential = store::confidential(&mut tx, header.id, &kept).await?;
            tx.commit().await?;
            Some(confidential)
        } else {
            None
        };
        let dossier = arbitrages::dossier(conn, header.id).await?;
        let ledger = dossier.ledger(Subject::Post, &kept.line.code);
        let marks = reserves::of_plan(conn, user, &header).await?.on(Touches::Post, line);
        Ok(Self { header, kept, objectives, history, confidential, dossier, ledger, marks })
    }

    fn objective_codes(&self) -> Vec<Code> {
        // What a line serves already may hang from another level: it is not lost by an edit.
        let served =
            self.kept.line.objectives.iter().filter(|code| !self.objectives.iter().any(|it| it.code == **code));
        self.objectives.iter().map(|node| &node.code).chain(served).cloned().collect()
    }

    fn page(&self, user: &CurrentUser, app: &App, back: Back) -> LinePage {
        let thing = Thing::PostLine { closed: self.header.closed };
        let keep = access::may_edit(Who::User(user), &thing, app.clock.today());
        let rights = LineRights { keep, shared: Rights::of(user, &self.case(), app) };
        LinePage::new(user, self, &rights, back)
    }
}

/// `GET /plans/{code}/posts/{line}`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
) -> Result<LinePage> {
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    Ok(loaded.page(&user, &app, Back::None))
}

/// Writes a line with its journal entry. `false`: somebody else was first, and nothing is written.
async fn write(
    conn: &mut PgConnection,
    user: &CurrentUser,
    clock: &Clock,
    loaded: &Loaded,
    line: &PostLine,
    reason: &str,
) -> Result<bool> {
    let mut tx = conn.begin().await?;
    allow(user, access::store::hold(&mut tx, loaded.header.plan.code.as_str()).await?, clock)?;
    let Some(version) = store::save_line(&mut tx, &loaded.kept, line).await? else { return Ok(false) };
    let mut act = user.act(clock.now());
    act.reason = Some(reason.trim().to_owned()).filter(|reason| !reason.is_empty());
    let change = Change {
        plan_id: Some(loaded.header.id),
        kind: LINE_KIND,
        code: line.code.as_str(),
        version,
        before: Some(loaded.kept.line.write()),
        after: Some(line.write()),
        position: Some(loaded.kept.position),
    };
    journal::append(&mut tx, &act, change).await?;
    tx.commit().await?;
    Ok(true)
}

/// `POST /plans/{code}/posts/{line}`
pub async fn save(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let fields = LineFields::read(&pairs).ok_or(Error::Malformed("post line"))?;
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    allow(&user, loaded.header.closed, &app.clock)?;
    let why = match fields.decide(&loaded.kept.line, loaded.kept.version, &loaded.objective_codes()) {
        Decision::Unchanged => return Ok(flash::redirect(&app.settings, Done::NothingChanged, &loaded.address())),
        Decision::Save(line) => {
            if write(&mut conn, &user, &app.clock, &loaded, &line, &fields.reason).await? {
                return Ok(flash::redirect(&app.settings, Done::PostSaved, &loaded.address()));
            }
            Why::Conflict
        }
        Decision::Refused(refusals) => Why::Refused(refusals),
        Decision::Conflict => Why::Conflict,
    };
    back(&mut conn, &user, &app, loaded, Back::Line(fields, why)).await
}

/// `POST /plans/{code}/posts/{line}/realisation`
pub async fn realise(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let fields = RealisationFields {
        realisation: field(&pairs, "realisation"),
        reason: field(&pairs, "realisation-reason"),
        version: version(&pairs)?,
    };
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    allow(&user, loaded.header.closed, &app.clock)?;
    let why = match fields.decide(&loaded.kept.line, loaded.kept.version) {
        Decision::Unchanged => return Ok(flash::redirect(&app.settings, Done::NothingChanged, &loaded.address())),
        Decision::Save(line) => {
            if write(&mut conn, &user, &app.clock, &loaded, &line, &fields.reason).await? {
                return Ok(flash::redirect(&app.settings, Done::PostRealised, &loaded.address()));
            }
            Why::Conflict
        }
        Decision::Refused(refusals) => Why::Refused(refusals),
        Decision::Conflict => Why::Conflict,
    };
    back(&mut conn, &user, &app, loaded, Back::Realisation(fields, why)).await
}

/// The same page with what was typed; in conflict, it is read again with what the other person wrote.
pub async fn back(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    loaded: Loaded,
    back: Back,
) -> Result<Response> {
    if !back.is_conflict() {
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, loaded.page(user, app, back)).into_response());
    }
    let (code, line) = (loaded.header.plan.code.as_str(), loaded.kept.line.code.as_str());
    let fresh = Loaded::load(conn, user, &app.clock, code, line).await?;
    Ok((StatusCode::CONFLICT, fresh.page(user, app, back)).into_response())
}
