//! A browser's channel to a desk: JSON both ways over a WebSocket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Bytes;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use tokio::sync::mpsc::unbounded_channel;

use super::desk::{Ask, Client};
use super::messages::{Failure, Reason, catalogue};
use super::protocol::{First, Request};
use super::{App, Mode};
use crate::diag::catalogue::Lang;

/// The longest message accepted from a browser: twice the largest issue.
const LONGEST: usize = 4 << 20;

/// Opens the channel.
pub async fn live(State(app): State<Arc<App>>, upgrade: WebSocketUpgrade) -> Response {
    upgrade
        .max_message_size(LONGEST)
        .max_frame_size(LONGEST)
        .on_upgrade(move |socket| serve(app, socket))
}

async fn serve(app: Arc<App>, mut socket: WebSocket) {
    // A channel on which nothing is opened ends like a request that never comes.
    let first = tokio::time::timeout(app.patience.head, socket.recv()).await;
    let Ok(Some(Ok(Message::Text(first)))) = first else { return };
    let (opened, lang) = match serde_json::from_str(&first) {
        Ok(First::Open { issue, lang }) => (app.issue(&issue), lang),
        Err(error) => (Err(Failure::new(Reason::BadMessage).detail(error)), None),
    };
    // A page may use another language than the program.
    let lang = match lang.as_deref() {
        Some("zh") => Lang::Zh,
        Some("en") => Lang::En,
        _ => app.lang,
    };
    let (out, mut messages) = unbounded_channel::<String>();
    let waiting = Arc::new(AtomicUsize::new(0));
    let id = app.clients.fetch_add(1, Ordering::Relaxed);
    let may_write = matches!(app.mode, Mode::Studio);
    let client = Client { id, out, waiting: waiting.clone(), may_write, lang };
    let desk = opened.and_then(|at| app.desk(&at, |_| Some(Ask::Join(client))));
    let desk = match desk {
        Ok(desk) => desk,
        Err(failure) => {
            let message = failure.message(catalogue(lang), None);
            // A client that has gone needs no answer.
            socket.send(Message::Text(message.into())).await.ok();
            return;
        }
    };
    let mut pings = tokio::time::interval(app.patience.ping);
    let mut is_there = true;
    loop {
        tokio::select! {
            _ = pings.tick() => {
                if !is_there || socket.send(Message::Ping(Bytes::new())).await.is_err() {
                    break;
                }
                is_there = false;
            }
            message = messages.recv() => {
                // The desk has closed because the program ends.
                let Some(message) = message else { break };
                if socket.send(Message::Text(message.into())).await.is_err() {
                    break;
                }
                if waiting.fetch_sub(1, Ordering::SeqCst) == 1 {
                    desk.send(Ask::Drained(id)).ok();
                }
            }
            message = socket.recv() => {
                // Any message shows that the client is there, not only the answer to a ping.
                is_there = true;
                match message {
                    Some(Ok(Message::Text(text))) => match serde_json::from_str::<Request>(&text) {
                        Ok(request) => drop(desk.send(Ask::Request(id, request))),
                        Err(error) => {
                            let failure = Failure::new(Reason::BadMessage).detail(error);
                            let message = failure.message(catalogue(lang), None);
                            if socket.send(Message::Text(message.into())).await.is_err() {
                                break;
                            }
                        }
                    },
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
                    _ => break,
                }
            }
        }
    }
    desk.send(Ask::Leave(id)).ok();
}
