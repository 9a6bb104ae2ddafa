//! The SQL of indicators, measures, targets and cells.
//!
//! `put_*` writes one element, matched by its code, and returns its version. A cell's version is what a person had
//! under their eyes: [`save_cell`] writes only over that one.

mod cells;
mod definitions;

pub use cells::{CellFilter, KeptCell, answers, awaited_measures, cell_versions, cells, remove_empty_cells, save_cell};
pub use definitions::{
    Definitions, definitions, definitions_of, put_indicator, put_measure, put_target, remove_indicator, remove_measure,
    remove_target,
};
