//! The lines that a filter keeps, as a file that `LibreOffice` and Excel open right with French settings: UTF-8 with its
//! mark, semicolons, decimal commas, CRLF. All but whole numbers stand between quotes: the dialog of `LibreOffice`
//! proposes the comma as a separator too, and a bare `1250,5` would be two columns.

use rust_decimal::Decimal;

use super::finance::{self, Item};
use super::model::ScheduleKind;

/// Text cells that begin so are formulas to a spreadsheet: a request's label must never run.
const FORMULA: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '|', '%'];

/// A text, disarmed.
fn text(text: &str) -> String {
    if text.trim_start_matches([' ', '\u{a0}', '\u{feff}']).starts_with(FORMULA) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

/// A number as French settings read it; blank is not zero.
fn number(value: Option<Decimal>) -> String {
    value.map(|value| value.normalize().to_string().replace('.', ",")).unwrap_or_default()
}

/// The file.
///
/// # Errors
/// Writing to memory does not fail; the writer's own type says it might.
pub fn csv(items: &[&Item]) -> anyhow::Result<Vec<u8>> {
    let years = finance::years(items.iter().map(|item| &item.asked));
    let mut writer = csv::WriterBuilder::new()
        .delimiter(b';')
        .quote_style(csv::QuoteStyle::NonNumeric)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let mut head: Vec<String> = [
        "Structure",
        "Contrat",
        "Ligne",
        "Objectif imprimé",
        "Objectifs du contrat",
        "Nature",
        "Catégorie",
        "Sous-catégorie",
        "Demande",
        "Site",
        "Années",
        "Coût estimé (€)",
        "Coût imprimé",
        "Participation demandée (€)",
        "Service sollicité",
        "Autofinancement (€)",
    ]
    .map(str::to_owned)
    .into();
    head.extend(years.iter().map(|year| format!("Autofinancement {year} (€)")));
    head.extend(
        ["Non ventilé (€)", "Arbitrage", "Formule", "Séance", "Accordé imprimé (k€)", "Accordé exact (€)"]
            .map(str::to_owned),
    );
    for kind in ScheduleKind::ALL {
        head.extend(years.iter().map(|year| format!("{} {year} (€)", kind.label())));
    }
    head.extend(["Suite de la demande", "Provenance"].map(str::to_owned));
    writer.write_record(&head)?;
    for item in items {
        let (line, decision) = (&item.asked.line, item.asked.decision());
        let optional = |value: Option<&str>| value.map(text).unwrap_or_default();
        // A demand that was withdrawn is in no sum of what is asked: its columns add up to the page's totals.
        let asks = !item.asked.withdrawn();
        let number = |amount: Option<Decimal>, counts: bool| number(amount.filter(|_| counts));
        let own = (!line.self_financing.is_empty()).then(|| line.self_financed());
        let listed: Vec<String> = line.years.iter().map(i32::to_string).collect();
        let mut row = vec![
            text(&item.place.acronym),
            text(&item.place.plan_name),
            line.code.to_string(),
            optional(line.objective_printed.as_deref()),
            text(&item.objectives().join(" + ")),
            line.nature.label().to_owned(),
            text(&line.category),
            optional(line.subcategory.as_deref()),
            text(&line.label),
            optional(item.site()),
            if listed.is_empty() { optional(line.years_printed.as_deref()) } else { listed.join(", ") },
            number(line.cost, asks),
            optional(line.cost_printed.as_deref()),
            number(line.participation, asks),
            optional(line.participation_of.as_deref()),
            number(own, asks),
        ];
        row.extend(years.iter().map(|year| number(line.self_financed_in(*year), asks)));
        row.extend([
            number(line.unscheduled(), asks),
            item.asked.state().label().to_owned(),
            optional(decision.and_then(|it| it.wording.as_deref())),
            decision.and_then(|it| it.session_on).map(|day| day.format("%d/%m/%Y").to_string()).unwrap_or_default(),
            number(item.asked.granted_printed(), true),
            number(item.asked.granted(), true),
        ]);
        for kind in ScheduleKind::ALL {
            row.extend(years.iter().map(|year| number(line.scheduled(*year, *kind).map(|it| it.amount), true)));
        }
        let invented = line.schedule.iter().find_map(|it| it.provenance.as_deref());
        row.push(item.asked.course.tags().join(", "));
        row.push(optional(line.provenance.as_deref().or(invented)));
        writer.write_record(&row)?;
    }
    Ok(writer.into_inner()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::finance::tests::two_plans;

    #[test]
    fn the_file_is_read_back_as_french_settings_read_it() {
        let mut items = two_plans();
        items[0].asked.line.label = "=HYPERLINK(\"x\") ; \"deux\" lignes\nici".into();
        items[0].asked.line.cost = Some("1946400.50".parse().unwrap());
        let kept: Vec<&Item> = items.iter().collect();
        let bytes = csv(&kept).unwrap();
        assert!(bytes.starts_with(&[0xef, 0xbb, 0xbf]));
        let body = std::str::from_utf8(&bytes[3..]).unwrap();
        assert_eq!(body.matches("\r\n").count(), 17);
        let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(body.as_bytes());
        let column = |name: &str, head: &csv::StringRecord| head.iter().position(|it| it == name).unwrap();
        let head = reader.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 16);
        assert_eq!(&rows[0][column("Demande", &head)], "'=HYPERLINK(\"x\") ; \"deux\" lignes\nici");
        assert_eq!(&rows[0][column("Coût estimé (€)", &head)], "1946400,5");
        assert_eq!(&rows[0][column("Accordé imprimé (k€)", &head)], "390");
        assert_eq!(&rows[0][column("Accordé exact (€)", &head)], "");
        assert_eq!(&rows[6][column("Coût estimé (€)", &head)], "");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_disarmed() {
        for armed in ["=1+1", "+33 4", "-1", "@SUM(A1)", "\tx", "  =1", "\u{feff}=1"] {
            assert!(text(armed).starts_with('\''), "{armed}");
        }
        assert_eq!(text("Achats - TP"), "Achats - TP");
        assert_eq!(number(Some("-5".parse().unwrap())), "-5");
    }
}
