//! Campaigns: all of them, and one with the dialogue of each plan.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use crate::access::{self, Thing, Who};
use crate::accounts::CurrentUser;
use crate::dialogue::model::campaign::threshold;
use crate::dialogue::store::{self, campaign as campaigns};
use crate::dialogue::views::campaign::{CampaignPage, CampaignsPage, ThresholdField};
use crate::plans::store as plans;
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// The pages of campaigns are not there for those who do not run them.
pub fn runs(user: &CurrentUser, app: &App) -> Result<()> {
    let verdict = access::may_edit(Who::User(user), &Thing::Campaign, app.clock.today());
    if verdict.allowed() { Ok(()) } else { Err(Error::NotFound) }
}

/// `GET /admin/campaigns`
pub async fn list(user: CurrentUser, State(app): State<App>) -> Result<CampaignsPage> {
    runs(&user, &app)?;
    let mut conn = app.conn().await?;
    let campaigns = campaigns::campaigns(&mut conn).await?;
    Ok(CampaignsPage { page: user.page("Campagnes", "/admin/campaigns"), campaigns, today: app.clock.today() })
}

/// `GET /admin/campaigns/{year}`
pub async fn show(user: CurrentUser, State(app): State<App>, Path(year): Path<i32>) -> Result<CampaignPage> {
    runs(&user, &app)?;
    let mut conn = app.conn().await?;
    page(&mut conn, &user, &app, year, None).await
}

async fn page(
    conn: &mut PgConnection,
    user: &CurrentUser,
    app: &App,
    year: i32,
    field: Option<ThresholdField>,
) -> Result<CampaignPage> {
    let (_, campaign) = campaigns::campaign(conn, year).await?.ok_or(Error::NotFound)?;
    let headers = plans::list(conn, &user.reach()).await?;
    let ids: Vec<i64> = headers.iter().map(|header| header.id).collect();
    let parts = store::parts(conn, &ids, Some(year)).await?;
    let page = user.page(format!("Campagne {year}"), "/admin/campaigns");
    Ok(CampaignPage::new(page, campaign, headers, parts, field, app.clock.today()))
}

/// What the form of the threshold posts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Posted {
    threshold: String,
}

/// `POST /admin/campaigns/{year}/threshold`
pub async fn set_threshold(
    user: CurrentUser,
    State(app): State<App>,
    Path(year): Path<i32>,
    Form(posted): Form<Posted>,
) -> Result<Response> {
    runs(&user, &app)?;
    let mut conn = app.conn().await?;
    let set = match threshold(&posted.threshold) {
        Ok(set) => set,
        Err(error) => {
            let field = ThresholdField { typed: posted.threshold, error };
            let page = page(&mut conn, &user, &app, year, Some(field)).await?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let mut tx = conn.begin().await?;
    let (_, before) = campaigns::campaign(&mut tx, year).await?.ok_or(Error::NotFound)?;
    if before.deviation_threshold != set {
        campaigns::set_threshold(&mut tx, &user.act(app.clock.now()), &before, set).await?;
    }
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::ThresholdSet, &format!("/admin/campaigns/{year}")))
}
