//! What the forms of the room say, read whole: either what they mean, or every sentence that refuses them.

mod condition;
mod decision;
mod demand;
mod opinion;

pub use condition::{StateRefused, StateTyped, read_state};
pub use decision::{
    DECIDES, Decided, DecisionRefused, DecisionTyped, Matter, NAME_MAX, NEW_CONDITION, TEXT_MAX, read_decision,
};
pub use demand::{WithdrawalTyped, read_reason, read_withdrawal, step};
pub use opinion::{OPINION_MAX, OpinionTyped, read_opinion};
