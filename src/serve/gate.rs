//! Request headers → whether the request is allowed: host and origin must be ours, the token valid.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use tokio::sync::Mutex;

/// The facts that a request is checked against.
pub struct Gate {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The token, in hexadecimal digits.
    pub token: String,
    /// The password, for use on an office network; on loopback there is none.
    pub password: Option<String>,
    /// One lock per client address: passwords from one address are tried one at a time, so a
    /// guesser delays only itself.
    trying: parking_lot::Mutex<HashMap<IpAddr, Arc<Mutex<()>>>>,
}

/// The most addresses that are remembered; so many guessing addresses are one attacker.
const GUESSERS: usize = 1000;

/// The delay after a wrong password.
const PAUSE: Duration = Duration::from_secs(1);

/// A random token of 256 bits, too long to guess.
pub fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The token of a run. Each password has its own token, so a cookie from an earlier password is
/// invalid. Without the secret, the password cannot be found from the token.
pub fn token_for(secret: &str, password: Option<&str>) -> String {
    match password {
        Some(password) => blake3::hash(format!("{secret} {password}").as_bytes()).to_string(),
        None => secret.into(),
    }
}

/// Compares digests, which takes the same time wherever the texts differ.
fn same(a: &str, b: &str) -> bool {
    blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}

impl Gate {
    /// A gate for the server at `address`.
    pub fn new(address: SocketAddr, token: String, password: Option<String>) -> Self {
        Gate { address, token, password, trying: Default::default() }
    }

    /// The name of the cookie. It contains the port: browsers share cookies between ports, and two
    /// studios must not share one.
    pub fn cookie(&self) -> String {
        format!("jianbao-{}", self.address.port())
    }

    /// Whether the `Host` header names this server by an address that DNS cannot redirect.
    pub fn knows_host(&self, headers: &HeaderMap) -> bool {
        let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else {
            return false;
        };
        let mut hosts = headers.get_all(header::HOST).iter();
        hosts.next();
        hosts.next().is_none() && self.is_ours(host)
    }

    fn is_ours(&self, host: &str) -> bool {
        let port = self.address.port();
        let (name, given) = match host.rsplit_once(':') {
            Some((name, given)) if !given.ends_with(']') => (name, given.parse().ok()),
            _ => (host, Some(80)),
        };
        if given != Some(port) {
            return false;
        }
        if name.eq_ignore_ascii_case("localhost") {
            return self.address.ip().is_loopback() || self.address.ip().is_unspecified();
        }
        let name = name.trim_start_matches('[').trim_end_matches(']');
        match name.parse::<IpAddr>() {
            // DNS rebinding can redirect a name, but not a numeric address.
            Ok(ip) if self.address.ip().is_unspecified() => !ip.is_unspecified(),
            Ok(ip) => ip == self.address.ip(),
            Err(_) => false,
        }
    }

    /// Whether the request comes from our own page, according to the browser's headers.
    pub fn knows_origin(&self, headers: &HeaderMap) -> bool {
        let site = headers.get("sec-fetch-site").and_then(|site| site.to_str().ok());
        if !matches!(site, None | Some("same-origin" | "none")) {
            return false;
        }
        match headers.get(header::ORIGIN) {
            None => true,
            Some(origin) => {
                let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
                let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
                origin.is_some() && origin == host
            }
        }
    }

    /// Whether a request has the token.
    pub fn has_token(&self, headers: &HeaderMap) -> bool {
        let bearer = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let name = self.cookie();
        let cookies =
            headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        let cookie = pairs.find(|(key, _)| *key == name).map(|(_, value)| value);
        bearer.or(cookie).is_some_and(|given| self.is_token(given))
    }

    /// Whether a text is the token.
    pub fn is_token(&self, given: &str) -> bool {
        same(given, &self.token)
    }

    /// Whether a text is the password; a wrong one is answered after a pause.
    pub async fn is_password(&self, from: IpAddr, given: &str) -> bool {
        let Some(password) = &self.password else { return false };
        let turn = {
            let mut trying = self.trying.lock();
            if trying.len() >= GUESSERS {
                trying.clear();
            }
            trying.entry(from).or_default().clone()
        };
        let _one = turn.lock().await;
        let right = same(given, password);
        if !right {
            tokio::time::sleep(PAUSE).await;
        }
        right
    }

    /// The header that sets the cookie.
    pub fn set_cookie(&self) -> String {
        format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie(), self.token)
    }

    /// The address to open. The first answer redirects to the address without the token.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            all if all.is_unspecified() => outward(all).unwrap_or(match all {
                IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
                IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
            }),
            ip => ip,
        };
        let host = match ip {
            IpAddr::V6(ip) => format!("[{ip}]"),
            ip => ip.to_string(),
        };
        match self.password {
            Some(_) => format!("http://{host}:{}/", self.address.port()),
            None => format!("http://{host}:{}/?token={}", self.address.port(), self.token),
        }
    }
}

/// The address by which others reach this machine, found without sending a packet.
fn outward(all: IpAddr) -> Option<IpAddr> {
    // Addresses reserved for documentation are outside every local network.
    let far: SocketAddr = match all {
        IpAddr::V4(_) => (Ipv4Addr::new(192, 0, 2, 1), 9).into(),
        IpAddr::V6(_) => (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into(),
    };
    let socket = UdpSocket::bind((all, 0)).ok()?;
    socket.connect(far).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
