//! Postes: the tables, and the lines behind one figure.

use axum::extract::{Query, State};
use serde::Deserialize;

use super::demand::may_add;
use super::seen;
use crate::accounts::CurrentUser;
use crate::arbitrages::store as arbitrages;
use crate::posts::model::{Corps, Family, Origin, Part, Realisation};
use crate::posts::tables::Pick;
use crate::posts::views::demand::sorted;
use crate::posts::views::table::{Around, PostsPage};
use crate::posts::{controls, store};
use crate::printed::{self, Shortlist};
use crate::reserves;
use crate::web::extract::Path;
use crate::web::{App, Result};

/// The lines asked for. Anything unreadable keeps all: a filter is no place for an error page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    origin: String,
    year: String,
    part: String,
    family: String,
    corps: String,
    realisation: String,
    only: String,
}

impl Asked {
    fn pick(&self) -> Pick {
        Pick {
            origins: self.origin.split(',').filter_map(Origin::from_word).collect(),
            year: match self.year.as_str() {
                "" => None,
                "inconnue" => Some(None),
                text => text.parse().ok().map(Some),
            },
            part: Part::from_word(&self.part),
            family: Family::from_word(&self.family),
            corps: Corps::from_word(&self.corps),
            realisation: Realisation::from_word(&self.realisation),
            structuring: self.only == "structurants",
            aimless: self.only == "sans-objectif",
        }
    }
}

/// `GET /plans/{code}/posts`
pub async fn show(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<PostsPage> {
    let mut conn = app.conn().await?;
    let header = seen(&mut conn, &user, &code).await?;
    let mut shown = store::shown(&mut conn, header.id).await?;
    let dossier = arbitrages::dossier(&mut conn, header.id).await?;
    let (counted, demands) = sorted(header.plan.code.as_str(), &shown.posts.lines, &dossier);
    shown.posts.lines = counted;
    let may_add = may_add(&user, &app, &header, &dossier);
    let nodes = crate::plans::store::outline(&mut conn, header.id).await?.nodes;
    let reserves = reserves::of_plan(&mut conn, &user, &header).await?;
    let mentions = printed::store::of_plan(&mut conn, header.id).await?;
    let controls = Shortlist::of(controls::outcomes(&shown.posts, &mentions));
    let around = Around { demands, may_add, reserves, controls };
    Ok(PostsPage::new(&user, &header, &nodes, &shown, &asked.pick(), around))
}
