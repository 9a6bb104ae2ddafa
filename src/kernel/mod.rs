//! Decimal figures, money, periods, the clock: no business word, no input or output.
