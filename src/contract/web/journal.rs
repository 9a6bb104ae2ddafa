//! The journal of a plan, and that of one of its figures.

use axum::extract::{Query, State};
use serde::Deserialize;

use super::{frame, hidden, seen};
use crate::accounts::CurrentUser;
use crate::contract::store;
use crate::contract::telling::measured;
use crate::contract::views::journal::{FigurePage, JournalPage};
use crate::indicators::store as indicators;
use crate::journal::model::Source;
use crate::journal::store::{self as journal, Filter, Search};
use crate::kernel::period::{self, Period};
use crate::plans::views::PlanPage;
use crate::web::extract::Path;
use crate::web::{App, Error, Result};

/// Batches a page.
const PAGE: i64 = 50;
/// Entries of an import told before its own page.
const SHOWN: i64 = 20;
/// Versions of a figure: more than any hand will make.
const VERSIONS: i64 = 1000;

/// What the filter sends. Anything unreadable filters nothing: a filter is no place for an error page.
#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    kind: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    source: String,
    #[serde(default)]
    import: String,
    #[serde(default)]
    before: String,
}

impl Asked {
    fn search(&self) -> Search {
        let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty() && !text.contains('\0'));
        Search {
            kind: text(&self.kind),
            // As the page writes it (« 17.b, 2023-2024 ») or as the document does (`17.b/2023-2024`).
            code: text(&self.code).map(|code| code.replace(", ", "/").replace([',', ' '], "/")),
            source: Source::from_word(&self.source),
            import_id: self.import.parse().ok(),
            before: self.before.parse().ok(),
            hidden: Vec::new(),
        }
    }
}

/// The journal of a plan.
pub async fn plan(
    user: CurrentUser,
    State(app): State<App>,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<JournalPage> {
    let mut search = asked.search();
    let mut conn = app.conn().await?;
    let (header, part) = seen(&mut conn, &user, &code).await?;
    search.hidden = hidden(&user, header.structure_id);
    let definitions = indicators::definitions(&mut conn, header.id, None).await?;
    // One more than is shown: whether there is an older page.
    let mut batches = journal::batches(&mut conn, header.id, &search, SHOWN, PAGE + 1).await?;
    // Older batches come last: what a draft was made of is not told to those who read none.
    if !user.reads_drafts(header.structure_id)
        && let Some(signed) = store::signed_at(&mut conn, header.id).await?
    {
        batches.retain(|batch| batch.entries.first().is_some_and(|entry| entry.at >= signed));
    }
    let shown = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = batches.len() > shown;
    batches.truncate(shown);
    let title = format!("Journal · {}", header.plan.name());
    Ok(JournalPage {
        page: frame(&user, &header, part.as_ref(), title, PlanPage::Journal),
        plan: header.plan,
        measures: definitions.measures,
        typed_code: asked.code,
        search,
        batches,
        more,
    })
}

/// The journal of a figure: all its versions.
pub async fn figure(
    user: CurrentUser,
    State(app): State<App>,
    Path((code, measure, period)): Path<(String, String, String)>,
) -> Result<FigurePage> {
    let period: Period = period.parse().map_err(|_| Error::NotFound)?;
    let mut conn = app.conn().await?;
    let (header, part) = seen(&mut conn, &user, &code).await?;
    let definitions = indicators::definitions(&mut conn, header.id, None).await?;
    let measure = definitions.measures.into_iter().find(|it| it.code.as_str() == measure).ok_or(Error::NotFound)?;
    let indicator =
        definitions.indicators.into_iter().find(|it| it.code == measure.indicator).ok_or(Error::NotFound)?;
    let columns = period::columns(indicator.period_kind, header.plan.first_year, header.plan.last_year);
    if !columns.contains(&period) {
        return Err(Error::NotFound);
    }
    let filter = Filter {
        kind: Some("situation".into()),
        code: Some(format!("{}/{period}", measure.code)),
        ..Filter::default()
    };
    let entries = journal::entries(&mut conn, header.id, &filter, VERSIONS).await?;
    let title = format!("Historique · {}, {period}", measured(measure.code.as_str()));
    Ok(FigurePage {
        page: frame(&user, &header, part.as_ref(), title, PlanPage::Journal),
        plan: header.plan,
        due_on: indicator.availability.due_window(period).closes,
        measure,
        period,
        entries,
    })
}
