//! The saves of an issue → a list of them, and the text of each.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;

use super::{OfIssue, answer};
use crate::issue::Date;
use crate::serve::App;
use crate::serve::messages::{Failure, Reason};
use crate::serve::protocol::{Saved, SavedText};

/// The saves of an issue, the newest first.
pub async fn history(State(app): State<Arc<App>>, Query(of): Query<OfIssue>) -> Response {
    let work = move |app: &Arc<App>| {
        let saves = app.history(&app.issue(&of.issue)?).saves();
        let saved =
            saves.iter().map(|save| Saved { id: save.id, at: utc(save.at), bytes: save.bytes });
        Ok(saved.collect::<Vec<_>>())
    };
    answer(&app, work).await
}

/// 9999-12-31 in days from 1970-01-01: a later year would have five digits.
const LAST_DAY: u64 = 2_932_896;

/// A time of the disk as `2026-01-31T08:30:00Z`.
fn utc(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = (seconds / 86_400).min(LAST_DAY) as u32;
    let Date { year, month, day } = Date { year: 1970, month: 1, day: 1 }.plus_days(days);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// One save.
pub async fn save(
    State(app): State<Arc<App>>,
    Path(id): Path<u64>,
    Query(of): Query<OfIssue>,
) -> Response {
    let work = move |app: &Arc<App>| {
        let gone = || Failure::new(Reason::Unknown).detail(id).status(StatusCode::NOT_FOUND);
        let text = app.history(&app.issue(&of.issue)?).text(id).ok_or_else(gone)?;
        Ok(SavedText { text })
    };
    answer(&app, work).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_time_is_written_as_a_browser_reads_it() {
        let after = |seconds| utc(UNIX_EPOCH + Duration::from_secs(seconds));
        assert_eq!(after(0), "1970-01-01T00:00:00Z");
        assert_eq!(after(951_827_696), "2000-02-29T12:34:56Z");
        assert_eq!(after(1_769_848_200), "2026-01-31T08:30:00Z");
        assert_eq!(after(86_400 * LAST_DAY), "9999-12-31T00:00:00Z");
    }
}
