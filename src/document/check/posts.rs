//! Posts, the tables printed of them, and recruitment potential.

use super::duplicated;
use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::posts::model::{self as posts, Origin};

impl Document {
    pub(super) fn check_posts(&self, reader: &mut Reader) {
        let nodes = self.node_codes();
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

    pub(super) fn check_post_tables(&self, reader: &mut Reader) {
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
