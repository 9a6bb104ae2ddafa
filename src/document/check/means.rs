//! Means asked for: budget lines, what was decided of each thing, and the steps and avis on the way.

use std::collections::HashSet;

use rust_decimal::Decimal;

use super::duplicated;
use crate::arbitrages::Subject;
use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;
use crate::posts::model as posts;

impl Document {
    pub(super) fn check_budget(&self, reader: &mut Reader) {
        let nodes = self.node_codes();
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

    pub(super) fn check_arbitrages(&self, reader: &mut Reader) {
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
            if [it.granted, it.granted_printed_keur].iter().flatten().any(Decimal::is_sign_negative) {
                reader.problem_at(place("granted"), "un montant ne peut pas être négatif.");
            }
        }
    }

    /// Steps of demands and avis: on what exists, whole, within the contract.
    pub(super) fn check_courses(&self, reader: &mut Reader) {
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
