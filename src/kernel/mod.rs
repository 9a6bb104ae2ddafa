//! Decimal figures, money, periods, the clock: no business word, no input or output.

pub mod canonical;
pub mod clock;
pub mod date;
pub mod figure;
pub mod ids;
pub mod json;
pub mod memory;
pub mod money;
pub mod period;
pub mod scale;
pub mod typed;
