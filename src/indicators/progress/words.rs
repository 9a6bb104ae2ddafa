//! How a figure is to be read: what it is, where it should go, which side of its target is no harm.

use rust_decimal::Decimal;

use crate::words;

words! {
    /// What the figure of a period is.
    pub enum Nature {
        /// A level: the latest value counts.
        Stock = "stock",
        /// A yearly flow: the latest value counts.
        Flow = "flux",
        /// Values add up over the contract.
        Cumulative = "cumul",
        /// Not said yet: read as a level.
        ToConfirm = "a_confirmer",
    }
}

impl Nature {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Stock => "stock",
            Self::Flow => "flux annuel",
            Self::Cumulative => "cumul",
            Self::ToConfirm => "à confirmer",
        }
    }
}

words! {
    /// Where the figure should go.
    pub enum Direction {
        /// Up.
        Up = "hausse",
        /// Down.
        Down = "baisse",
        /// Stay.
        Hold = "maintien",
        /// Not said yet.
        ToChoose = "a_choisir",
    }
}

impl Direction {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Up => "à la hausse",
            Self::Down => "à la baisse",
            Self::Hold => "maintien",
            Self::ToChoose => "à choisir",
        }
    }

    /// What an import proposes, from the sign of target − reference.
    pub fn proposed(reference: Option<Decimal>, target: Option<Decimal>) -> Self {
        match (reference, target) {
            (Some(reference), Some(target)) if target > reference => Self::Up,
            (Some(reference), Some(target)) if target < reference => Self::Down,
            (Some(_), Some(_)) => Self::Hold,
            _ => Self::ToChoose,
        }
    }
}

words! {
    /// For maintien, the side of the target on which being away is no harm.
    pub enum Side {
        /// More is better.
        Above = "au_dessus",
        /// Less is better.
        Below = "au_dessous",
    }
}

impl Side {
    /// As shown.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Above => "au-dessus",
            Self::Below => "au-dessous",
        }
    }
}
