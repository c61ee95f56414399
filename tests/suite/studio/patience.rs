//! Clients that fall silent → connections that end; clients that answer → channels that stay.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use jianbao::serve::Patience;
use serde_json::json;
use tungstenite::Message;

use super::Served;
use crate::support::TempProject;

const SHORT: Duration = Duration::from_millis(400);
/// How often a client looks whether the connection has ended: long enough for a slow machine.
const ROUNDS: usize = 300;

fn served(project: &TempProject) -> Served {
    let patience = Patience { head: SHORT, body: SHORT, answer: SHORT, ping: SHORT };
    Served::with([127, 0, 0, 1], project.folder.path(), false, None, patience)
}

/// Sends a start, and then a byte from time to time, until the server closes the connection.
fn ends(served: &Served, start: &str, dribble: bool) -> String {
    let mut stream = TcpStream::connect(served.address).expect("a connection");
    stream.set_read_timeout(Some(SHORT / 4)).expect("a timeout");
    stream.write_all(start.as_bytes()).expect("it is sent");
    let mut answer = Vec::new();
    for _ in 0..ROUNDS {
        let mut bytes = [0; 4096];
        match stream.read(&mut bytes) {
            Ok(0) => return String::from_utf8_lossy(&answer).into_owned(),
            Ok(count) => answer.extend(&bytes[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionReset => {
                return String::from_utf8_lossy(&answer).into_owned();
            }
            Err(_) if dribble => drop(stream.write_all(b"x")),
            Err(_) => {}
        }
    }
    panic!("a connection stays open: {start:?}");
}

#[test]
fn a_silent_or_slow_connection_ends() {
    let project = TempProject::new();
    let served = served(&project);
    let host = format!("Host: {}\r\nAuthorization: Bearer {}\r\n", served.address, served.token);
    ends(&served, "", false);
    ends(&served, "GET / HTTP/1.1\r\n", true);
    let post = "POST /api/clean HTTP/1.1\r\nContent-Type: application/json\r\n";
    let head = format!("{post}{host}Content-Length: 100000\r\n\r\n");
    ends(&served, &head, false);
    ends(&served, &head, true);
    // A connection that is kept after an answer.
    let answer = ends(&served, &format!("GET /api/project HTTP/1.1\r\n{host}\r\n"), false);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // A channel on which nothing is opened.
    let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    let live = format!("GET /api/live HTTP/1.1\r\n{host}{upgrade}");
    let answer = ends(&served, &live, false);
    assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
    // And the server goes on.
    served.open("p/2026-1").until("state");
}

#[test]
fn a_channel_lives_while_its_client_answers_pings() {
    let project = TempProject::new();
    let served = served(&project);
    let mut channel = served.open("p/2026-1");
    channel.until("state");
    let mut pings = 0;
    while pings < 4 {
        // Reading answers a ping.
        if let Message::Ping(_) = channel.socket.read().expect("an open channel") {
            pings += 1;
        }
    }
    channel.ask(json!({ "t": "save" }));
    // A client that reads nothing answers no ping.
    std::thread::sleep(SHORT * 6);
    while channel.socket.read().is_ok() {}
}
