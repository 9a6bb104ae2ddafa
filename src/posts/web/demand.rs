//! Posts that are asked, amended, created and removed: the director asks while the dialogue is open, human resources keep
//! the lines all year (docs/regles.md §8).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use sqlx::{Connection, PgConnection};

use super::line::back;
use super::{allow, field, seen, version};
use crate::access::{self, Thing, Verdict, Who};
use crate::accounts::CurrentUser;
use crate::arbitrages::Subject;
use crate::arbitrages::amendment::{Amendment, Course, Step};
use crate::arbitrages::entry::{Matter, read_reason, step};
use crate::arbitrages::store as arbitrages;
use crate::arbitrages::web::{append, entry, hold, may_demand, refuse};
use crate::journal::model::Change;
use crate::journal::store as journal;
use crate::kernel::canonical::Canonical;
use crate::kernel::ids::Code;
use crate::plans::model::Node;
use crate::plans::store::{self as plans, Header};
use crate::posts::demand::{read_amendment, read_new};
use crate::posts::entry::{LineFields, Refusal};
use crate::posts::model::{LINE_KIND, PostLine};
use crate::posts::store;
use crate::posts::views::demand::NewPostPage;
use crate::posts::views::line::{Back, Loaded, Why};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// What the form of a new post needs, for someone who may ask for one or create one.
struct Around {
    header: Header,
    lines: Vec<PostLine>,
    objectives: Vec<Node>,
    /// It is a demand, to be decided; human resources create a line.
    asks: bool,
}

impl Around {
    async fn load(conn: &mut PgConnection, user: &CurrentUser, app: &App, code: &str) -> Result<Self> {
        let header = seen(conn, user, code).await?;
        let may = |thing: Thing<'_>| access::may_edit(Who::User(user), &thing, app.clock.today());
        let dialogue = arbitrages::dossier(conn, header.id).await?.dialogue;
        let (structure_id, closed) = (header.structure_id, header.closed);
        let demand = may(Thing::Demand { structure_id, dialogue, closed });
        let keeps = may(Thing::PostLine { closed }).allowed();
        if !keeps && !demand.allowed() {
            // A director is told about the dialogue, anyone else whose the posts are.
            let told = if user.directs(structure_id) { demand } else { may(Thing::PostLine { closed }) };
            refuse(told)?;
        }
        let lines = store::shown(conn, header.id).await?.posts.lines;
        let mut objectives = plans::outline(conn, header.id).await?.nodes;
        objectives.retain(|node| usize::try_from(node.level).is_ok_and(|level| level == header.plan.levels.len()));
        Ok(Self { header, lines, objectives, asks: !keeps })
    }

    fn page(
        &self,
        user: &CurrentUser,
        fields: LineFields,
        origin: &str,
        refusals: Vec<Refusal>,
        conflict: bool,
    ) -> NewPostPage {
        NewPostPage::new(user, &self.header, &self.objectives, self.asks, fields, origin, refusals, conflict)
    }
}

/// `GET /plans/{code}/demands/posts`
pub async fn form(user: CurrentUser, State(app): State<App>, Path(code): Path<String>) -> Result<NewPostPage> {
    let mut conn = app.conn().await?;
    let around = Around::load(&mut conn, &user, &app, &code).await?;
    Ok(around.page(&user, LineFields::default(), "", Vec::new(), false))
}

/// `POST /plans/{code}/demands/posts`
pub async fn add(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let fields = LineFields::read(&pairs).ok_or(Error::Malformed("post line"))?;
    let origin = field(&pairs, "origin");
    let mut conn = app.conn().await?;
    let around = Around::load(&mut conn, &user, &app, &code).await?;
    let known: Vec<Code> = around.objectives.iter().map(|it| it.code.clone()).collect();
    let (line, reason) = match read_new(&fields, &origin, &around.lines, &known) {
        Ok(read) => read,
        Err(refusals) => {
            let page = around.page(&user, fields, &origin, refusals, false);
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    if write(&mut conn, &user, &app, &around, &line, reason).await? {
        let done = if around.asks { Done::DemandAdded } else { Done::PostCreated };
        return Ok(flash::redirect(&app.settings, done, &Subject::Post.address(&code, line.code.as_str())));
    }
    Ok((StatusCode::CONFLICT, around.page(&user, fields, &origin, Vec::new(), true)).into_response())
}

/// Writes a new line, and for a demand the step that says who asked for it and why. `false`: its code was taken
/// meanwhile.
async fn write(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    around: &Around,
    line: &PostLine,
    reason: String,
) -> Result<bool> {
    let (plan_id, structure_id) = (around.header.id, around.header.structure_id);
    let mut tx = conn.begin().await?;
    let thing = if around.asks {
        Thing::Demand { structure_id, dialogue: None, closed: None }
    } else {
        Thing::PostLine { closed: None }
    };
    hold(&mut tx, app, user, (around.header.plan.code.as_str(), plan_id), thing).await?;
    let Some((version, position)) = store::append_line(&mut tx, plan_id, line).await? else { return Ok(false) };
    let mut entries = vec![Change {
        plan_id: Some(plan_id),
        kind: LINE_KIND,
        code: line.code.as_str(),
        version,
        before: None,
        after: Some(line.write()),
        position: Some(position),
    }];
    let matter = Matter { subject: Subject::Post, code: &line.code, ledger: &[], conditions: &[] };
    let added = step(&matter, &Course::default(), Step::Added, Some(reason.clone()), app.clock.today());
    let key = added.key();
    if around.asks {
        let Some(version) = arbitrages::append_amendment(&mut tx, plan_id, &added).await? else { return Ok(false) };
        entries.push(entry(plan_id, &key, version, &added));
    }
    let mut act = user.act(app.clock.now());
    act.reason = Some(reason);
    journal::append_all(&mut tx, &act, entries).await?;
    access::store::edited(&mut tx, user, &act, plan_id, structure_id).await?;
    tx.commit().await?;
    Ok(true)
}

/// `POST /plans/{code}/posts/{line}/amendments`
pub async fn amend(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let fields = LineFields::read(&pairs).ok_or(Error::Malformed("post line"))?;
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    let case = loaded.case();
    refuse(may_demand(&user, &case, &app))?;
    let why = match read_amendment(&fields, &loaded.kept.line) {
        Err(refusals) => Why::Refused(refusals),
        Ok((asked, reason)) => {
            let amended = step(&case.matter, &case.course, Step::Amended, Some(reason), app.clock.today());
            let amended = Amendment { post: Some(asked), ..amended };
            if append(&mut conn, &app, &user, &case, case.demand(), &amended, &field(&pairs, "rank")).await? {
                return Ok(flash::redirect(&app.settings, Done::DemandAmended, &loaded.address()));
            }
            Why::Conflict
        }
    };
    drop(case);
    back(&mut conn, &user, &app, loaded, Back::Amendment(fields, why)).await
}

/// `POST /plans/{code}/posts/{line}/removal`: by human resources, while nothing was decided, said or asked of it.
pub async fn remove(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, line)): Path<(String, String)>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    let (typed, shown) = (field(&pairs, "reason"), version(&pairs)?);
    let mut conn = app.conn().await?;
    let loaded = Loaded::load(&mut conn, &user, &app.clock, &code, &line).await?;
    allow(&user, loaded.header.closed, &app.clock)?;
    let refused = |sentence: String| Why::Refused(vec![Refusal { at: "reason", sentence }]);
    let why = match (read_reason(&typed), bound(&loaded)) {
        (_, Some(sentence)) => refused(sentence.into()),
        (Err(sentence), None) => refused(sentence),
        (Ok(_), None) if shown != loaded.kept.version => Why::Conflict,
        (Ok(reason), None) => {
            let kept = &loaded.kept;
            let mut tx = conn.begin().await?;
            let plan = (loaded.header.plan.code.as_str(), loaded.header.id);
            hold(&mut tx, &app, &user, plan, Thing::PostLine { closed: None }).await?;
            if let Some(version) = store::remove_version(&mut tx, kept).await? {
                let mut act = user.act(app.clock.now());
                act.reason = Some(reason);
                let gone = Change {
                    plan_id: Some(loaded.header.id),
                    kind: LINE_KIND,
                    code: kept.line.code.as_str(),
                    version: version + 1,
                    before: Some(kept.line.write()),
                    after: None,
                    position: None,
                };
                journal::append(&mut tx, &act, gone).await?;
                tx.commit().await?;
                let table = format!("/plans/{}/posts", loaded.header.plan.code);
                return Ok(flash::redirect(&app.settings, Done::PostRemoved, &table));
            }
            tx.rollback().await?;
            Why::Conflict
        }
    };
    back(&mut conn, &user, &app, loaded, Back::Removal(typed, why)).await
}

/// Why a line cannot go, when something stands on it.
fn bound(loaded: &Loaded) -> Option<&'static str> {
    let case = loaded.case();
    match () {
        () if !loaded.ledger.is_empty() => {
            Some("Une décision porte sur ce poste : il ne se supprime pas. La direction peut en retirer la demande.")
        }
        () if !case.course.steps.is_empty() => {
            Some("Ce poste a été demandé par la direction : elle seule peut en retirer la demande.")
        }
        () if !case.opinions.is_empty() => Some("Un avis porte sur ce poste : il ne se supprime pas."),
        () => None,
    }
}

/// May this person ask for a post here, or create one?
pub fn may_add(user: &CurrentUser, app: &App, header: &Header, dossier: &arbitrages::Dossier) -> bool {
    let (structure_id, closed) = (header.structure_id, header.closed);
    let thing = Thing::Demand { structure_id, dialogue: dossier.dialogue, closed };
    [thing, Thing::PostLine { closed }]
        .iter()
        .map(|thing| access::may_edit(Who::User(user), thing, app.clock.today()))
        .any(|verdict: Verdict| verdict.allowed())
}
