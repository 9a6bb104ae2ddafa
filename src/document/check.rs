//! What holds between the elements of a document, once each is well-formed by itself: codes that exist, levels that
//! follow, figures that agree. Every problem is told with its place.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use rust_decimal::Decimal;

use super::model::Document;
use crate::arbitrages::amendment::Amendment;
use crate::arbitrages::opinion::Opinion;
use crate::arbitrages::{Arbitrage, Subject};
use crate::indicators::model::{self as indicators, Figure, Measure};
use crate::kernel::canonical::Reader;
use crate::kernel::figure;
use crate::kernel::ids::Code;
use crate::kernel::period::{self, Period};
use crate::posts::model::{self as posts, Origin};
use crate::reserves::Dates;
use crate::reserves::model::Subject as Touches;

impl Document {
    /// What holds between elements, once each is well-formed by itself.
    pub(super) fn check(&self, reader: &mut Reader) {
        unique(reader, "framework", self.framework.iter().map(|it| &it.code));
        unique(reader, "structure.sites", self.structure.sites.iter().map(|it| &it.code));
        unique(reader, "sections", self.sections.iter().map(|it| &it.code));
        unique(reader, "steps", self.steps.iter().map(|it| &it.code));
        unique(reader, "nodes", self.nodes.iter().map(|it| &it.code));
        unique(reader, "indicators", self.indicators.iter().map(|it| &it.code));
        unique(reader, "measures", self.measures.iter().map(|it| &it.code));
        unique(reader, "targets", self.targets.iter().map(|it| (&it.measure, it.rank)).map(Pair));
        unique(reader, "cells", self.cells.iter().map(|it| (&it.measure, it.period)).map(Pair));
        unique(reader, "posts", self.posts.iter().map(|it| &it.code));
        unique(reader, "post_tables", self.post_tables.iter().map(|it| &it.code));
        unique(reader, "potential", self.potential.iter().map(|it| &it.code));
        unique(reader, "headings", self.headings.iter().map(|it| &it.code));
        unique(reader, "actions", self.actions.iter().map(|it| &it.code));
        unique(reader, "requests", self.requests.iter().map(|it| &it.code));
        unique(reader, "envelopes", self.envelopes.iter().map(|it| &it.code));
        unique(reader, "commitments", self.commitments.iter().map(|it| &it.code));
        unique(reader, "conditions", self.conditions.iter().map(|it| &it.code));
        unique(reader, "budget", self.budget.iter().map(|it| &it.code));
        unique(reader, "arbitrages", self.arbitrages.iter().map(Arbitrage::key));
        unique(reader, "amendments", self.amendments.iter().map(Amendment::key));
        unique(reader, "opinions", self.opinions.iter().map(Opinion::key));
        unique(reader, "followups", self.followups.iter().map(|it| &it.code));
        unique(reader, "jalons", self.jalons.iter().map(|it| &it.code));
        unique(reader, "reserves", self.reserves.iter().map(|it| &it.code));
        unique(reader, "avenants", self.avenants.iter().map(|it| &it.code));
        unique(reader, "mentions", self.mentions.iter().map(|it| &it.code));
        self.check_plan(reader);
        self.check_tree(reader);
        self.check_indicators(reader);
        self.check_targets(reader);
        self.check_cells(reader);
        self.check_posts(reader);
        self.check_post_tables(reader);
        self.check_commitments(reader);
        self.check_budget(reader);
        self.check_arbitrages(reader);
        self.check_courses(reader);
        self.check_followups(reader);
        self.check_jalons(reader);
        self.check_reserves(reader);
        self.check_avenants(reader);
        self.check_mentions(reader);
    }

    /// Avenants whole, about what is there; and what says that it comes from one names one that is in force.
    fn check_avenants(&self, reader: &mut Reader) {
        if self.plan.draft && !self.avenants.is_empty() {
            reader.problem_at("avenants".into(), "un brouillon n’a pas d’avenant : ses définitions s’y écrivent.");
        }
        let ground = self.ground();
        for (index, avenant) in self.avenants.iter().enumerate() {
            let place = |field: &str| format!("avenants[{index}] ({}).{field}", avenant.code);
            for (field, sentence) in avenant.incoherences() {
                reader.problem_at(place(&field), sentence);
            }
            for (rank, change) in avenant.changes.iter().enumerate() {
                if ground.present(change.kind, change.code.as_str()).is_none() {
                    let what = change.kind.within(change.code.as_str());
                    reader.problem_at(place(&format!("changes[{rank}].code")), format!("{what} : il n’y en a pas."));
                }
            }
        }
        let known = |code: &Code| self.avenants.iter().find(|it| it.code == *code);
        let mut named = |place: String, code: &Code, since: i32| {
            if known(code).is_none_or(|it| it.since != Some(since)) {
                reader.problem_at(
                    place,
                    format!("l’avenant « {code} » n’est pas en vigueur depuis la campagne {since}."),
                );
            }
        };
        for (index, it) in self.targets.iter().enumerate() {
            if let (Some(code), Some(since)) = (&it.avenant, it.since) {
                named(format!("targets[{index}] ({}).avenant", it.measure), code, since);
            }
        }
        for (index, it) in self.indicators.iter().enumerate() {
            it.amended
                .iter()
                .for_each(|by| named(format!("indicators[{index}] ({}).amended", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.measures.iter().enumerate() {
            it.amended
                .iter()
                .for_each(|by| named(format!("measures[{index}] ({}).amended", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.jalons.iter().enumerate() {
            it.redated
                .iter()
                .for_each(|by| named(format!("jalons[{index}] ({}).redated", it.code), &by.avenant, by.since));
        }
        for (index, it) in self.targets.iter().enumerate() {
            if it.avenant.is_some() != it.since.is_some() || it.avenant.is_some() && it.rank < 1 {
                let place = format!("targets[{index}] ({}).avenant", it.measure);
                reader.problem_at(place, "une cible d’avenant a un rang, son avenant et sa campagne.");
            }
        }
        for (index, it) in self.steps.iter().enumerate() {
            if let Some(code) = it.avenant.as_ref().filter(|code| known(code).is_none()) {
                let place = format!("steps[{index}] ({}).avenant", it.code);
                reader.problem_at(place, format!("l’avenant « {code} » n’existe pas."));
            }
        }
    }

    fn check_mentions(&self, reader: &mut Reader) {
        let there = self.touchable();
        for (index, mention) in self.mentions.iter().enumerate() {
            let place = |field: &str| format!("mentions[{index}] ({}).{field}", mention.code);
            for (field, sentence) in mention.incoherences() {
                reader.problem_at(place(field), sentence);
            }
            for touched in &mention.about {
                let Some(code) = &touched.code else { continue };
                // Human resources may remove a post that the document printed: the mention stays, and counts it no more.
                if touched.subject != Touches::Post && !there.contains(&(touched.subject, code)) {
                    let what = touched.subject.word();
                    reader.problem_at(place("about"), format!("{what} : « {code} » n’existe pas."));
                }
            }
        }
    }

    fn check_reserves(&self, reader: &mut Reader) {
        let there = self.touchable();
        for (index, reserve) in self.reserves.iter().enumerate() {
            let place = |field: &str| format!("reserves[{index}] ({}).{field}", reserve.code);
            for (field, sentence) in reserve.incoherences() {
                reader.problem_at(place(field), sentence);
            }
            for touched in &reserve.touches {
                let Some(code) = &touched.code else { continue };
                if !there.contains(&(touched.subject, code)) {
                    let what = touched.subject.word();
                    reader.problem_at(place("touches"), format!("{what} : « {code} » n’existe pas."));
                }
            }
        }
    }

    fn check_followups(&self, reader: &mut Reader) {
        for (index, it) in self.followups.iter().enumerate() {
            let place = |field: &str| format!("followups[{index}] ({}).{field}", it.code);
            for (field, sentence) in it.incoherences() {
                reader.problem_at(place(field), sentence);
            }
        }
    }

    /// What a réserve may touch, by code: gathered once, since a hostile file touches a thousand things a thousand times.
    fn touchable(&self) -> HashSet<(Touches, &Code)> {
        Touches::ALL
            .iter()
            .flat_map(|subject| {
                let codes: Vec<&Code> = match subject {
                    Touches::Document => Vec::new(),
                    Touches::Node => self.nodes.iter().map(|it| &it.code).collect(),
                    Touches::Indicator => self.indicators.iter().map(|it| &it.code).collect(),
                    Touches::Jalon => self.jalons.iter().map(|it| &it.code).collect(),
                    Touches::Post => self.posts.iter().map(|it| &it.code).collect(),
                    Touches::PostTable => self.post_tables.iter().map(|it| &it.code).collect(),
                    Touches::Potential => self.potential.iter().map(|it| &it.code).collect(),
                    Touches::Heading => self.headings.iter().map(|it| &it.code).collect(),
                    Touches::Request => self.requests.iter().map(|it| &it.code).collect(),
                    Touches::Commitment => self.commitments.iter().map(|it| &it.code).collect(),
                    Touches::BudgetLine => self.budget.iter().map(|it| &it.code).collect(),
                    Touches::Step => self.steps.iter().map(|it| &it.code).collect(),
                };
                codes.into_iter().map(|code| (*subject, code))
            })
            .collect()
    }

    fn check_commitments(&self, reader: &mut Reader) {
        let headings: HashSet<&Code> = self.headings.iter().map(|it| &it.code).collect();
        let nodes: HashSet<&Code> = self.nodes.iter().map(|it| &it.code).collect();
        let requests: HashSet<&Code> = self.requests.iter().map(|it| &it.code).collect();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, action) in self.actions.iter().enumerate() {
            if !headings.contains(&action.heading) {
                let place = format!("actions[{index}] ({}).heading", action.code);
                reader.problem_at(place, format!("le volet « {} » n’existe pas.", action.heading));
            }
        }
        for (index, request) in self.requests.iter().enumerate() {
            let place = |field: &str| format!("requests[{index}] ({}).{field}", request.code);
            if let Some(heading) = request.heading.as_ref().filter(|heading| !headings.contains(heading)) {
                reader.problem_at(place("heading"), format!("le volet « {heading} » n’existe pas."));
            }
            if let Some(node) = request.node.as_ref().filter(|node| !nodes.contains(node)) {
                reader.problem_at(place("node"), format!("l’objectif « {node} » n’existe pas."));
            }
            if request.quantities.iter().any(|it| it.value.is_some() == it.printed.is_some()) {
                reader.problem_at(place("quantities"), "une quantité a une valeur ou un texte imprimé, l’un des deux.");
            }
        }
        for (index, envelope) in self.envelopes.iter().enumerate() {
            let place = |field: &str| format!("envelopes[{index}] ({}).{field}", envelope.code);
            if !requests.contains(&envelope.request) {
                reader.problem_at(place("request"), format!("la demande « {} » n’existe pas.", envelope.request));
            }
            if envelope.ceiling.is_sign_negative() {
                reader.problem_at(place("ceiling"), "un plafond ne peut pas être négatif.");
            }
        }
        for (index, commitment) in self.commitments.iter().enumerate() {
            if commitment.years.iter().any(|it| !years.contains(&it.year)) {
                let place = format!("commitments[{index}] ({}).years", commitment.code);
                reader.problem_at(place, "cette année est en dehors du contrat.");
            }
        }
    }

    fn check_plan(&self, reader: &mut Reader) {
        let plan = &self.plan;
        if !(1990..=2100).contains(&plan.first_year) {
            reader.problem_at("plan.first_year".into(), "l’année doit être comprise entre 1990 et 2100.");
        }
        if !(plan.first_year..=plan.first_year.saturating_add(20)).contains(&plan.last_year) {
            reader.problem_at(
                "plan.last_year".into(),
                "la dernière année doit suivre la première, de vingt ans au plus.",
            );
        }
        if !(1..=6).contains(&plan.levels.len()) {
            reader.problem_at("plan.levels".into(), "un contrat a de un à six niveaux.");
        }
        if plan.deviation_threshold <= Decimal::ZERO {
            reader.problem_at("plan.deviation_threshold".into(), "le seuil doit être positif.");
        }
        if plan.code.as_str().chars().any(|c| c.is_ascii_uppercase() || c == '.' || c == '_')
            || plan.code.as_str().len() < 2
        {
            reader.problem_at(
                "plan.code".into(),
                "le code d’un contrat s’écrit en minuscules, chiffres et tirets, deux caractères au moins.",
            );
        }
        for (index, step) in self.steps.iter().enumerate() {
            let negative = step.vote.as_ref().is_some_and(|vote| vote.counts().iter().any(|(_, count)| *count < 0));
            if negative {
                reader.problem_at(format!("steps[{index}].vote"), "un décompte de voix ne peut pas être négatif.");
            }
        }
    }

    fn check_tree(&self, reader: &mut Reader) {
        let rows: HashSet<&Code> = self.framework.iter().map(|row| &row.code).collect();
        let mut levels: HashMap<&Code, i32> = HashMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let place = |field: &str| format!("nodes[{index}] ({}).{field}", node.code);
            let above = match &node.parent {
                None => Some(0),
                Some(parent) => levels.get(parent).copied(),
            };
            match above {
                None => reader.problem_at(
                    place("parent"),
                    "ce parent n’existe pas, ou il vient après son enfant ; les parents précèdent leurs enfants.",
                ),
                Some(above) if node.level != above + 1 => {
                    reader.problem_at(place("level"), format!("le niveau attendu sous ce parent est {}.", above + 1));
                }
                Some(_) if usize::try_from(node.level).map_or(true, |level| level > self.plan.levels.len()) => {
                    reader.problem_at(place("level"), "le contrat n’a pas tant de niveaux.");
                }
                Some(_) => {}
            }
            for code in node.framework_rows.iter().filter(|code| !rows.contains(code)) {
                reader.problem_at(place("framework_rows"), format!("le cadre n’a pas de ligne « {code} »."));
            }
            levels.insert(&node.code, node.level);
        }
    }

    fn check_indicators(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        let mut counts: HashMap<&Code, usize> = HashMap::new();
        for measure in &self.measures {
            *counts.entry(&measure.indicator).or_default() += 1;
        }
        for (index, indicator) in self.indicators.iter().enumerate() {
            let place = |field: &str| format!("indicators[{index}] ({}).{field}", indicator.code);
            if !nodes.contains(&indicator.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", indicator.node));
            }
            let measures = counts.get(&indicator.code).copied().unwrap_or_default();
            // A draft may be incomplete; what is there must hold together.
            let begun = self.plan.draft && measures == 0;
            if indicator.is_group && measures == 0 && !begun {
                reader.problem_at(place("is_group"), "un groupe a au moins une mesure.");
            }
            if !indicator.is_group && measures != 1 && !begun {
                reader.problem_at(
                    place("is_group"),
                    format!("un indicateur qui n’est pas un groupe a une seule mesure ; celui-ci en a {measures}."),
                );
            }
            if indicator.columns_printed.iter().any(|period| period.kind != indicator.period_kind) {
                reader.problem_at(
                    place("columns_printed"),
                    "une colonne imprimée n’est pas du genre de période de l’indicateur.",
                );
            }
        }
        let indicators: HashSet<&Code> = self.indicators.iter().map(|it| &it.code).collect();
        for (index, measure) in self.measures.iter().enumerate() {
            let place = |field: &str| format!("measures[{index}] ({}).{field}", measure.code);
            if !indicators.contains(&measure.indicator) {
                reader.problem_at(place("indicator"), format!("l’indicateur « {} » n’existe pas.", measure.indicator));
            }
            if let Some(reference) = &measure.reference {
                check_figure(reader, reference, || place("reference"));
            }
            if measure.tolerance.is_some_and(|tolerance| tolerance.is_sign_negative()) {
                reader.problem_at(place("tolerance"), "la tolérance ne peut pas être négative.");
            }
        }
    }

    fn check_targets(&self, reader: &mut Reader) {
        let measures: HashSet<&Code> = self.measures.iter().map(|it| &it.code).collect();
        for (index, target) in self.targets.iter().enumerate() {
            let place = |field: &str| format!("targets[{index}] ({}).{field}", target.measure);
            if !measures.contains(&target.measure) {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", target.measure));
            }
            if target.rank < 0 {
                reader.problem_at(place("rank"), "le rang 0 est la cible d’origine ; les avenants suivent.");
            }
            check_figure(reader, &target.figure, || place("figure"));
        }
    }

    fn check_jalons(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        let dates = Dates::of(&self.reserves);
        let mut groups: HashSet<&Code> = HashSet::new();
        let filled: HashSet<&Code> = self.jalons.iter().filter_map(|leaf| leaf.parent.as_ref()).collect();
        for (index, jalon) in self.jalons.iter().enumerate() {
            let place = |field: &str| format!("jalons[{index}] ({}).{field}", jalon.code);
            if jalon.parent.as_ref().is_some_and(|parent| !groups.contains(parent)) {
                reader.problem_at(
                    place("parent"),
                    "ce groupe n’existe pas, ou il vient après ses jalons ; les groupes précèdent leurs jalons.",
                );
            }
            if !nodes.contains(&jalon.node) {
                reader.problem_at(place("node"), format!("l’objectif « {} » n’existe pas.", jalon.node));
            }
            if jalon.is_group && !self.plan.draft && !filled.contains(&jalon.code) {
                reader.problem_at(place("is_group"), "un groupe a au moins un jalon.");
            }
            for (field, sentence) in jalon.incoherences(&self.plan, &dates) {
                reader.problem_at(place(field), sentence);
            }
            if jalon.is_group {
                groups.insert(&jalon.code);
            }
        }
    }

    fn check_cells(&self, reader: &mut Reader) {
        let years = self.plan.first_year..=self.plan.last_year;
        // Years out of bounds are a problem already told; their columns would be endless.
        let columns = |kind| match years.clone().count() {
            1..=21 => period::columns(kind, self.plan.first_year, self.plan.last_year),
            _ => Vec::new(),
        };
        let columns: HashMap<&Code, Vec<Period>> =
            self.indicators.iter().map(|it| (&it.code, columns(it.period_kind))).collect();
        let measures: HashMap<&Code, &Measure> = self.measures.iter().map(|it| (&it.code, it)).collect();
        for (index, cell) in self.cells.iter().enumerate() {
            let place = |field: &str| format!("cells[{index}] ({} {}).{field}", cell.measure, cell.period);
            let Some(measure) = measures.get(&cell.measure) else {
                reader.problem_at(place("measure"), format!("la mesure « {} » n’existe pas.", cell.measure));
                continue;
            };
            if columns.get(&measure.indicator).is_some_and(|columns| !columns.contains(&cell.period)) {
                reader
                    .problem_at(place("period"), "cette période n’est pas une colonne du contrat pour cet indicateur.");
            }
            if cell.status.is_some() != cell.answer().is_some() || (cell.status.is_none() && cell.value.is_some()) {
                reader.problem_at(place("value"), "la valeur et le statut se contredisent.");
            }
            match (cell.numerator, cell.denominator) {
                (None, None) => {}
                (Some(numerator), Some(denominator)) => match figure::rate(numerator, denominator) {
                    Ok(rate) if measure.is_quotient && cell.value == Some(rate) => {}
                    Ok(_) if !measure.is_quotient => {
                        reader.problem_at(place("numerator"), "cette mesure n’a ni numérateur ni dénominateur.");
                    }
                    Ok(rate) => reader
                        .problem_at(place("value"), format!("la valeur doit être le quotient, {}.", rate.normalize())),
                    Err(error) => reader.problem_at(place("denominator"), error.to_string()),
                },
                _ => reader.problem_at(place("numerator"), "le numérateur et le dénominateur vont ensemble."),
            }
            if cell.comment.as_ref().is_some_and(|it| it.chars().count() > indicators::COMMENT_MAX) {
                reader.problem_at(
                    place("comment"),
                    format!("le commentaire dépasse {} caractères.", indicators::COMMENT_MAX),
                );
            }
            if let Some(printed) = &cell.printed {
                check_figure(reader, printed, || place("printed"));
                if printed.printed.is_none() {
                    reader.problem_at(place("printed.printed"), "le texte imprimé est obligatoire ici.");
                }
            }
        }
    }

    fn check_budget(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        let sites: HashSet<&Code> = self.structure.sites.iter().map(|site| &site.code).collect();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, line) in self.budget.iter().enumerate() {
            let place = |field: &str| format!("budget[{index}] ({}).{field}", line.code);
            for code in line.nodes.iter().filter(|code| !nodes.contains(code)) {
                reader.problem_at(place("nodes"), format!("l’objectif « {code} » n’existe pas."));
            }
            if let Some(site) = line.site.as_ref().filter(|site| !sites.contains(site)) {
                reader.problem_at(place("site"), format!("la structure n’a pas de site « {site} »."));
            }
            let outside = |year: &i32| !years.contains(year);
            if line.years.iter().any(outside) || line.self_financing.iter().any(|it| outside(&it.year)) {
                reader.problem_at(place("years"), "une année est en dehors du contrat.");
            }
            let twice = |list: Vec<(i32, &str)>| list.len() != list.iter().collect::<HashSet<_>>().len();
            if twice(line.self_financing.iter().map(|it| (it.year, "")).collect()) {
                reader.problem_at(place("self_financing"), "une année y est deux fois.");
            }
            if twice(line.schedule.iter().map(|it| (it.year, it.kind.word())).collect()) {
                reader.problem_at(place("schedule"), "une année y est deux fois pour le même genre de montant.");
            }
            if let Some(entry) = line.schedule.iter().find(|it| outside(&it.year)) {
                reader.problem_at(place("schedule"), format!("l’année {} est en dehors du contrat.", entry.year));
            }
            let amounts = [line.cost, line.participation].into_iter().flatten();
            let by_year = line.self_financing.iter().map(|it| it.amount);
            let scheduled = line.schedule.iter().map(|it| it.amount);
            if amounts.chain(by_year).chain(scheduled).any(|amount| amount.is_sign_negative()) {
                reader.problem_at(place("cost"), "un montant ne peut pas être négatif.");
            }
        }
    }

    /// The codes of what decisions, steps and avis are on.
    fn means(&self) -> HashSet<(Subject, &Code)> {
        let requests = self.requests.iter().map(|it| (Subject::Request, &it.code));
        let headings = self.headings.iter().map(|it| (Subject::Heading, &it.code));
        let posts = self.posts.iter().map(|it| (Subject::Post, &it.code));
        let lines = self.budget.iter().map(|it| (Subject::BudgetLine, &it.code));
        requests.chain(headings).chain(posts).chain(lines).collect()
    }

    fn check_arbitrages(&self, reader: &mut Reader) {
        let conditions: HashSet<&Code> = self.conditions.iter().map(|it| &it.code).collect();
        let means = self.means();
        for (index, it) in self.arbitrages.iter().enumerate() {
            let place = |field: &str| format!("arbitrages[{index}] ({}).{field}", it.key());
            if !means.contains(&(it.subject, &it.code)) {
                reader.problem_at(place("code"), unknown(it.subject, &it.code));
            }
            if let Some(condition) = it.condition.as_ref().filter(|code| !conditions.contains(code)) {
                reader.problem_at(place("condition"), format!("la condition « {condition} » n’existe pas."));
            }
            if it.rank < 0 {
                reader.problem_at(place("rank"), "le rang 0 est celui du document signé ; les révisions suivent.");
            }
            if it.granted.is_some() && it.session_on.is_none() {
                reader.problem_at(place("session_on"), "un accord exact vient d’une décision datée.");
            }
            if [it.granted, it.granted_printed_keur].iter().flatten().any(rust_decimal::Decimal::is_sign_negative) {
                reader.problem_at(place("granted"), "un montant ne peut pas être négatif.");
            }
        }
    }
}

/// « la demande « M9 » n’existe pas. »
fn unknown(subject: Subject, code: &Code) -> String {
    let what = match subject {
        Subject::BudgetLine => "la ligne budgétaire",
        Subject::Request => "la demande",
        Subject::Heading => "le volet",
        Subject::Post => "le poste",
    };
    format!("{what} « {code} » n’existe pas.")
}

impl Document {
    /// Steps of demands and avis: on what exists, whole, within the contract.
    fn check_courses(&self, reader: &mut Reader) {
        let means = self.means();
        let years = self.plan.first_year..=self.plan.last_year;
        for (index, it) in self.amendments.iter().enumerate() {
            let place = |field: &str| format!("amendments[{index}] ({}).{field}", it.key());
            if !means.contains(&(it.subject, &it.code)) {
                reader.problem_at(place("code"), unknown(it.subject, &it.code));
            }
            if it.rank < 1 {
                reader.problem_at(place("rank"), "l’original n’a pas de rang ; ce qui le modifie commence à 1.");
            }
            if !it.is_whole() {
                reader
                    .problem_at(place("step"), "il contient ce que sa sorte et son objet demandent, et rien d’autre.");
            }
            if let Some(money) = &it.money {
                let own = money.self_financing.iter();
                if own.clone().map(|own| own.year).chain(money.years.iter().copied()).any(|year| !years.contains(&year))
                {
                    reader.problem_at(place("money"), "une année est en dehors du contrat.");
                }
                if duplicated(&own.clone().map(|own| own.year).collect::<Vec<_>>()) {
                    reader.problem_at(place("money"), "une année y est deux fois.");
                }
                let amounts = own.map(|own| own.amount).chain(money.cost).chain(money.participation);
                if amounts.into_iter().any(|amount| amount.is_sign_negative()) {
                    reader.problem_at(place("money"), "un montant ne peut pas être négatif.");
                }
            }
            let quantities = it.request.iter().flat_map(|request| &request.quantities);
            if quantities.into_iter().any(|it| it.value.is_some() == it.printed.is_some()) {
                reader.problem_at(place("request"), "une quantité a une valeur ou un texte imprimé, l’un des deux.");
            }
            if it.post.as_ref().is_some_and(|post| !(1..=posts::COUNT_MAX).contains(&post.count)) {
                reader.problem_at(place("post"), format!("une ligne compte de 1 à {} postes.", posts::COUNT_MAX));
            }
        }
        for (index, it) in self.opinions.iter().enumerate() {
            let place = |field: &str| format!("opinions[{index}] ({}).{field}", it.key());
            if it.subject == Subject::Heading || !means.contains(&(it.subject, &it.code)) {
                reader.problem_at(place("code"), unknown(it.subject, &it.code));
            }
            if it.rank < 1 {
                reader.problem_at(place("rank"), "le premier avis a le rang 1.");
            }
        }
    }
}

fn check_figure(reader: &mut Reader, figure: &Figure, place: impl Fn() -> String) {
    if figure.answer().is_none() {
        reader.problem_at(place(), "une valeur accompagne le statut « valeur », et lui seul.");
    }
}

/// Shows a two-part code.
#[derive(PartialEq, Eq, Hash)]
struct Pair<A, B>((A, B));

impl<A: std::fmt::Display, B: std::fmt::Display> std::fmt::Display for Pair<A, B> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.0.0, self.0.1)
    }
}

fn unique<C: Eq + Hash + std::fmt::Display>(reader: &mut Reader, list: &str, codes: impl Iterator<Item = C>) {
    let mut seen = HashSet::new();
    for (index, code) in codes.enumerate() {
        let shown = code.to_string();
        if !seen.insert(code) {
            reader
                .problem_at(format!("{list}[{index}]"), format!("le code « {shown} » est déjà pris dans cette liste."));
        }
    }
}

impl Document {
    fn check_posts(&self, reader: &mut Reader) {
        let nodes: HashSet<&Code> = self.nodes.iter().map(|node| &node.code).collect();
        for (index, post) in self.posts.iter().enumerate() {
            let place = |field: &str| format!("posts[{index}] ({}).{field}", post.code);
            if !(1..=posts::COUNT_MAX).contains(&post.count) {
                reader.problem_at(
                    place("count"),
                    format!("une ligne compte de 1 à {} postes ; une case vide ne s’écrit pas.", posts::COUNT_MAX),
                );
            }
            if post.year.is_some_and(|year| !(1990..=2100).contains(&year)) {
                reader.problem_at(place("year"), "l’année doit être comprise entre 1990 et 2100.");
            }
            for code in post.objectives.iter().filter(|code| !nodes.contains(code)) {
                reader.problem_at(place("objectives"), format!("l’objectif « {code} » n’existe pas."));
            }
            if duplicated(&post.objectives) {
                reader.problem_at(place("objectives"), "un objectif y est deux fois.");
            }
            for (field, text) in [("qualifier", &post.qualifier), ("funding", &post.funding)] {
                if text.as_ref().is_some_and(|text| text.chars().count() > posts::TEXT_MAX) {
                    reader.problem_at(place(field), format!("le texte dépasse {} caractères.", posts::TEXT_MAX));
                }
            }
        }
        for (index, potential) in self.potential.iter().enumerate() {
            let place = |field: &str| format!("potential[{index}] ({}).{field}", potential.code);
            for (field, value) in [("certain", potential.certain), ("possible", potential.possible)] {
                if value.is_sign_negative() && !value.is_zero() {
                    reader.problem_at(place(field), "un nombre de départs ne peut pas être négatif.");
                }
            }
            if duplicated(&potential.printed.iter().map(|it| it.row).collect::<Vec<_>>()) {
                reader.problem_at(place("printed"), "une ligne imprimée y est deux fois.");
            }
        }
        if duplicated(&self.potential.iter().map(|it| it.family).collect::<Vec<_>>()) {
            reader.problem_at("potential".into(), "une famille de personnels y est deux fois.");
        }
    }

    fn check_post_tables(&self, reader: &mut Reader) {
        let origins: Vec<Origin> = self.post_tables.iter().flat_map(|table| table.origins.iter().copied()).collect();
        if duplicated(&origins) {
            reader.problem_at("post_tables".into(), "une origine est comptée par deux tableaux.");
        }
        for (index, table) in self.post_tables.iter().enumerate() {
            let place = |field: String| format!("post_tables[{index}] ({}).{field}", table.code);
            if table.origins.is_empty() {
                reader.problem_at(place("origins".into()), "un tableau compte au moins une origine.");
            }
            if duplicated(&table.rows.iter().map(|row| (row.year, row.part)).collect::<Vec<_>>()) {
                reader.problem_at(place("rows".into()), "une année y est deux fois pour la même part.");
            }
            if duplicated(&table.totals.iter().map(|total| total.part).collect::<Vec<_>>()) {
                reader.problem_at(place("totals".into()), "une part y est totalisée deux fois.");
            }
            for (row, it) in table.rows.iter().enumerate() {
                if duplicated(&it.cells.iter().map(|cell| cell.corps).collect::<Vec<_>>()) {
                    reader.problem_at(place(format!("rows[{row}].cells")), "un corps y est deux fois.");
                }
                // A cell of a hostile file must not make a sum overflow.
                if it.cells.iter().any(|cell| !(0..=posts::COUNT_MAX).contains(&cell.count)) {
                    reader.problem_at(place(format!("rows[{row}].cells")), "un nombre de postes est hors bornes.");
                }
            }
            for (row, it) in table.totals.iter().enumerate() {
                if duplicated(&it.cells.iter().map(|cell| cell.corps).collect::<Vec<_>>()) {
                    reader.problem_at(place(format!("totals[{row}].cells")), "un corps y est deux fois.");
                }
                if it.cells.iter().map(|cell| cell.count).chain([it.count]).any(|count| !(0..=100_000).contains(&count))
                {
                    reader.problem_at(place(format!("totals[{row}]")), "un nombre de postes est hors bornes.");
                }
            }
        }
    }
}

fn duplicated<T: Eq + Hash>(list: &[T]) -> bool {
    let mut seen = HashSet::new();
    !list.iter().all(|item| seen.insert(item))
}
