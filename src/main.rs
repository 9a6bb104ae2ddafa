//! The commands, and nothing else.

fn main() {}
