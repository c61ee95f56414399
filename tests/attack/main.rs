//! Hostile input through every door of the program → what went wrong, and the figures: how many were
//! tried, the highest memory, the longest time.
//!
//! The program is attacked from outside, as a stranger would: through files, arguments and requests.
//! `cargo test` tries a part in some two minutes; `ATTACK=long cargo test --test attack` tries all.

#![cfg(target_os = "linux")]

mod batch;
mod bombs;
mod doors;
mod kills;
mod machine;
mod mutants;
mod pdfs;
mod requests;
