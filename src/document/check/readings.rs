//! What the document says of itself: réserves, mentions, and the things that they touch.

use std::collections::HashSet;

use crate::document::model::Document;
use crate::kernel::canonical::Reader;
use crate::kernel::ids::Code;
use crate::reserves::model::Subject as Touches;

impl Document {
    pub(super) fn check_reserves(&self, reader: &mut Reader) {
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

    pub(super) fn check_mentions(&self, reader: &mut Reader) {
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
}
