//! Journeys of real people in a real browser, on the real contract. Each page visited is shown to axe-core.
//!
//! They need Chromium, its driver and axe-core, which `make test` installs.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod browser;
mod campaign;
mod drafts;
mod entry;
mod house;
mod means;
mod pages;
mod pictures;
