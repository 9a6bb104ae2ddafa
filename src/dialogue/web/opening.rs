//! Opening a campaign, in two steps: what it would ask of each plan, then the opening itself.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form;
use chrono::Datelike;
use serde::Deserialize;

use super::campaign::runs;
use crate::accounts::CurrentUser;
use crate::dialogue::model::campaign::{Adjustment, Refused, Typed, reason};
use crate::dialogue::store::{OpenError, open, open_campaign};
use crate::dialogue::views::campaign::{Chosen, NewPage};
use crate::web::flash::{self, Done};
use crate::web::{App, Error, Result};

/// The window asked for, in the address; as typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    year: Option<String>,
    opens_on: String,
    closes_on: String,
    threshold: String,
}

/// `GET /admin/campaigns/new`: the window; once it is given, what each plan would be asked.
pub async fn preview(user: CurrentUser, State(app): State<App>, Query(asked): Query<Asked>) -> Result<Response> {
    runs(&user, &app)?;
    let Asked { year, opens_on, closes_on, threshold } = asked;
    let page = user.page("Ouvrir une campagne", "/admin/campaigns");
    let Some(year) = year else {
        let today = app.clock.today();
        let typed = Typed { year: today.year().to_string(), opens_on: today.to_string(), ..Typed::default() };
        return Ok(NewPage::window(page, typed, Refused::default()).into_response());
    };
    let typed = Typed { year, opens_on, closes_on, threshold };
    let campaign = match typed.read() {
        Ok(campaign) => campaign,
        Err(refused) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, NewPage::window(page, typed, refused)).into_response());
        }
    };
    let mut conn = app.conn().await?;
    let asked = open::asked(&mut conn, campaign.year).await?;
    Ok(NewPage::plans(page, typed, Refused::default(), &campaign, &asked, &Chosen::default()).into_response())
}

/// What the second step posts: the window again, and what is asked otherwise than by the rule.
fn read(pairs: Vec<(String, String)>) -> (Typed, Chosen) {
    let (mut typed, mut chosen) = (Typed::default(), Chosen::default());
    for (name, text) in pairs {
        match name.as_str() {
            "year" => typed.year = text,
            "opens_on" => typed.opens_on = text,
            "closes_on" => typed.closes_on = text,
            "threshold" => typed.threshold = text,
            "turned" => drop(chosen.turned.insert(text)),
            "final" => drop(chosen.last.insert(text)),
            name => {
                if let Some(plan) = name.strip_prefix("reason/") {
                    chosen.reasons.insert(plan.to_owned(), text);
                }
            }
        }
    }
    (typed, chosen)
}

/// `POST /admin/campaigns`
pub async fn open(
    user: CurrentUser,
    State(app): State<App>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response> {
    runs(&user, &app)?;
    let (typed, mut chosen) = read(pairs);
    let frame = || user.page("Erreur : ouvrir une campagne", "/admin/campaigns");
    let campaign = match typed.read() {
        Ok(campaign) => campaign,
        Err(refused) => {
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, NewPage::window(frame(), typed, refused)).into_response());
        }
    };
    let mut conn = app.conn().await?;
    let asked = open::asked(&mut conn, campaign.year).await?;
    let mut adjustments = Vec::new();
    for (header, expecting) in &asked {
        let plan = header.plan.code.as_str();
        let turned: Vec<_> = expecting
            .candidates()
            .into_iter()
            .filter(|cell| chosen.turned.contains(&format!("{plan}/{}", cell.key())))
            .collect();
        if turned.is_empty() {
            continue;
        }
        match reason(chosen.reasons.get(plan).map_or("", String::as_str)) {
            Ok(reason) => adjustments.extend(turned.iter().map(|cell| Adjustment {
                plan: plan.to_owned(),
                cell: cell.key(),
                is_added: !cell.is_expected(campaign.closes_on),
                reason: reason.clone(),
            })),
            Err(sentence) => drop(chosen.refused.insert(plan.to_owned(), sentence)),
        }
    }
    let mut refused = Refused::default();
    if chosen.refused.is_empty() {
        let last: Vec<String> = chosen.last.iter().cloned().collect();
        match open_campaign(&mut conn, &user.act(app.clock.now()), &campaign, &adjustments, &last).await {
            Ok(()) => {
                let address = format!("/admin/campaigns/{}", campaign.year);
                return Ok(flash::redirect(&app.settings, Done::CampaignOpened, &address));
            }
            Err(OpenError::Exists(year)) => refused.year = format!("La campagne {year} est déjà ouverte."),
            Err(error @ OpenError::Avenant { .. }) => {
                refused.year = format!("La campagne n’est pas ouverte : {error}.");
            }
            Err(OpenError::Sql(error)) => return Err(Error::from(error)),
        }
    }
    let page = NewPage::plans(frame(), typed, refused, &campaign, &asked, &chosen);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use super::*;

    #[test]
    fn the_second_step_is_read_back() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        let (typed, chosen) = read(vec![
            pair("year", "2026"),
            pair("turned", "p/13.a/2023-2024"),
            pair("turned", "p/4/2021-2022"),
            pair("reason/p", "arrivée tardive"),
            pair("final", "p"),
            pair("inconnu", "x"),
        ]);
        assert_eq!(typed.year, "2026");
        assert_eq!(chosen.turned, HashSet::from(["p/13.a/2023-2024".into(), "p/4/2021-2022".into()]));
        assert_eq!(chosen.reasons, HashMap::from([("p".into(), "arrivée tardive".into())]));
        assert_eq!(chosen.last, HashSet::from(["p".into()]));
    }
}
