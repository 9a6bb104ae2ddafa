//! Accounts and grants, for those who administer; for anyone else these pages are not there.

use axum::Form;
use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use sqlx::{Connection, PgConnection};

use super::user::CurrentUser;
use crate::accounts::granting::{self, Asked, Refused};
use crate::accounts::model::{self, Account, INVITATION_LIFE, Role};
use crate::accounts::session::Secret;
use crate::accounts::store::grant::Filter;
use crate::accounts::store::{account, grant as grants};
use crate::accounts::views::{AccountsPage, AdminAccountPage, InviteForm, Link};
use crate::web::extract::Path;
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

const LIST: &str = "/admin/accounts";

/// Someone who administers.
pub struct Admin(CurrentUser);

impl FromRequestParts<App> for Admin {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let user = CurrentUser::from_request_parts(parts, app).await?;
        user.only(Role::Admin).map_err(IntoResponse::into_response)?;
        Ok(Self(user))
    }
}

/// `GET /admin`
pub async fn index(_: Admin) -> Redirect {
    Redirect::to(LIST)
}

/// `GET /admin/accounts`
pub async fn list(State(app): State<App>, Admin(user): Admin) -> Result<Response> {
    let mut conn = app.conn().await?;
    Ok(accounts_page(&app, &mut conn, &user, InviteForm::default()).await?.into_response())
}

async fn accounts_page(
    app: &App,
    conn: &mut PgConnection,
    user: &CurrentUser,
    form: InviteForm,
) -> Result<AccountsPage> {
    let title = if form.is_refused() { "Erreur : comptes" } else { "Comptes" };
    Ok(AccountsPage {
        page: user.page(title, LIST),
        accounts: account::list(conn).await?,
        grants: grants::list(conn, &Filter::default()).await?,
        now: app.clock.now(),
        today: app.clock.today(),
        form,
    })
}

/// What the invitation form posts.
#[derive(Deserialize)]
pub struct Invite {
    #[serde(default)]
    email: String,
    #[serde(default)]
    function: String,
}

/// `POST /admin/accounts`
pub async fn invite(State(app): State<App>, Admin(user): Admin, Form(form): Form<Invite>) -> Result<Response> {
    let (email, function) = (model::email(&form.email), model::function(&form.function));
    let mut conn = app.conn().await?;
    let mut refused = InviteForm {
        email_error: email.as_ref().err().cloned().unwrap_or_default(),
        function_error: function.as_ref().err().cloned().unwrap_or_default(),
        email: form.email,
        function: form.function,
    };
    if let (Ok(email), Ok(function)) = (email, function) {
        let act = user.act(app.clock.now());
        let mut tx = conn.begin().await?;
        if let Some(created) = account::create(&mut tx, &act, &email, &function, false).await? {
            let link = link(&app, &mut tx, &user, &created).await?;
            let page = account_page(&app, &mut tx, &user, created.id, Some(link), Default::default()).await?;
            tx.commit().await?;
            return Ok((StatusCode::CREATED, page).into_response());
        }
        "Un compte existe déjà à cette adresse.".clone_into(&mut refused.email_error);
    }
    let page = accounts_page(&app, &mut conn, &user, refused).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// Makes the account's one-time link; the only time its text is known.
async fn link(app: &App, conn: &mut PgConnection, user: &CurrentUser, of: &Account) -> Result<Link> {
    let now = app.clock.now();
    let until = now + INVITATION_LIFE;
    let secret = Secret::generate();
    account::invite(conn, &user.act(now), of, &secret, until).await?;
    Ok(Link { address: format!("{}/invitations/{}", app.settings.public_url, secret.text()), until })
}

/// `GET /admin/accounts/{id}`
pub async fn show(State(app): State<App>, Admin(user): Admin, Path(id): Path<i64>) -> Result<Response> {
    let mut conn = app.conn().await?;
    Ok(account_page(&app, &mut conn, &user, id, None, Default::default()).await?.into_response())
}

/// The grant form as it was posted, and what is wrong with it.
type GrantTry = (Asked, Refused);

async fn account_page(
    app: &App,
    conn: &mut PgConnection,
    user: &CurrentUser,
    id: i64,
    link: Option<Link>,
    (asked, refused): GrantTry,
) -> Result<AdminAccountPage> {
    let account = load(conn, id).await?;
    let title =
        if refused == Refused::default() { account.function.clone() } else { format!("Erreur : {}", account.function) };
    Ok(AdminAccountPage {
        page: user.page(title, LIST),
        own: account.id == user.account_id,
        grants: grants::list(conn, &Filter { account_id: Some(id), ..Filter::default() }).await?,
        places: grants::places(conn).await?,
        now: app.clock.now(),
        today: app.clock.today(),
        account,
        link,
        asked,
        refused,
    })
}

async fn load(conn: &mut PgConnection, id: i64) -> Result<Account> {
    account::by_id(conn, id).await?.ok_or(Error::NotFound)
}

fn at(id: i64) -> String {
    format!("{LIST}/{id}")
}

/// `POST /admin/accounts/{id}/invitation`
pub async fn new_link(State(app): State<App>, Admin(user): Admin, Path(id): Path<i64>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let account = load(&mut tx, id).await?;
    if account.suspended_at.is_some() {
        return Err(Error::Forbidden("Ce compte est suspendu : rétablissez-le avant de créer un lien.".into()));
    }
    let link = link(&app, &mut tx, &user, &account).await?;
    let page = account_page(&app, &mut tx, &user, id, Some(link), Default::default()).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, page).into_response())
}

/// `POST /admin/accounts/{id}/suspension`
pub async fn suspend(State(app): State<App>, Admin(user): Admin, Path(id): Path<i64>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    grants::lock(&mut tx).await?;
    let account = load(&mut tx, id).await?;
    if account.id == user.account_id {
        return Err(Error::Forbidden(
            "Vous ne pouvez pas suspendre votre propre compte : demandez-le à une autre personne qui administre."
                .into(),
        ));
    }
    if account.suspended_at.is_none() {
        account::suspend(&mut tx, &user.act(app.clock.now()), &account).await?;
        somebody_administers(&app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::Suspended, &at(id)))
}

/// `POST /admin/accounts/{id}/suspension/end`
pub async fn reinstate(State(app): State<App>, Admin(user): Admin, Path(id): Path<i64>) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let account = load(&mut tx, id).await?;
    if account.suspended_at.is_some() {
        account::reinstate(&mut tx, &user.act(app.clock.now()), &account).await?;
    }
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::Reinstated, &at(id)))
}

/// What the grant form posts.
#[derive(Deserialize)]
pub struct GrantForm {
    #[serde(default)]
    role: String,
    #[serde(default)]
    place: String,
    #[serde(default)]
    items: String,
    #[serde(default)]
    starts_on: String,
    #[serde(default)]
    ends_on: String,
}

/// `POST /admin/accounts/{id}/grants`
pub async fn grant(
    State(app): State<App>,
    Admin(user): Admin,
    Path(id): Path<i64>,
    Form(form): Form<GrantForm>,
) -> Result<Response> {
    let GrantForm { role, place, items, starts_on, ends_on } = form;
    let asked = Asked { role, place, items, starts_on, ends_on };
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    let account = load(&mut tx, id).await?;
    let held = grants::list(&mut tx, &Filter { account_id: Some(id), ..Filter::default() }).await?;
    match granting::read(&asked, &grants::places(&mut tx).await?, &held, app.clock.today()) {
        Ok(new) => {
            grants::add(&mut tx, &user.act(app.clock.now()), id, &account.function, &new).await?;
            tx.commit().await?;
            Ok(flash::redirect(&app.settings, Done::Granted, &at(id)))
        }
        Err(refused) => {
            let page = account_page(&app, &mut tx, &user, id, None, (asked, refused)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// `POST /admin/accounts/{id}/grants/{grant}/end`
pub async fn revoke(
    State(app): State<App>,
    Admin(user): Admin,
    Path((id, grant)): Path<(i64, i64)>,
) -> Result<Response> {
    let mut conn = app.conn().await?;
    let mut tx = conn.begin().await?;
    grants::lock(&mut tx).await?;
    let filter = Filter { id: Some(grant), account_id: Some(id), ..Filter::default() };
    let held = grants::list(&mut tx, &filter).await?.pop().ok_or(Error::NotFound)?;
    grants::revoke(&mut tx, &user.act(app.clock.now()), &held).await?;
    if held.grant.role == Role::Admin {
        let left = grants::list(&mut tx, &Filter { account_id: Some(id), ..Filter::default() }).await?;
        let today = app.clock.today();
        if id == user.account_id
            && !left.iter().any(|held| held.grant.role == Role::Admin && held.grant.holds_on(today))
        {
            return Err(Error::Forbidden("Vous ne pouvez pas retirer votre propre rôle d’administration : demandez-le à une autre personne qui administre.".into()));
        }
        somebody_administers(&app, &mut tx).await?;
    }
    tx.commit().await?;
    Ok(flash::redirect(&app.settings, Done::Revoked, &at(id)))
}

/// Refuses, by dropping the transaction, an act after which nobody could administer.
async fn somebody_administers(app: &App, conn: &mut PgConnection) -> Result<()> {
    if grants::admin_count(conn, app.clock.today()).await? > 0 {
        return Ok(());
    }
    Err(Error::Forbidden(
        "Plus personne ne pourrait administrer l’application : donnez d’abord ce rôle à un autre compte.".into(),
    ))
}
