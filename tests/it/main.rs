//! One integration binary: it links once, and each room's tests are a module.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test stops at the first surprise")]

mod accounts;
mod around;
mod backup;
mod budget;
mod campaigns;
mod cluster;
mod commitments;
mod contract;
mod controls;
mod demands;
mod dialogue;
mod dialogue_doors;
mod directoire;
mod document;
mod doors;
mod drafts;
mod entry;
mod establishment;
mod help;
mod histories;
mod hostile;
mod jalons;
mod means;
mod posts;
mod program;
mod reminders;
mod reserves;
mod roles;
mod schema;
mod sealed;
mod secret;
mod sessions;
mod smtp;
mod support;
