//! Who may ask: the host and the origin must be ours, the token must be known.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use tokio::sync::Mutex;

/// What a request is held against.
pub struct Gate {
    /// Where the server listens.
    pub address: SocketAddr,
    /// The token, in hexadecimal digits.
    pub token: String,
    /// The password of an office network; loopback asks for none.
    pub password: Option<String>,
    /// Of each address one password at a time is tried: who guesses keeps nobody else out.
    trying: parking_lot::Mutex<HashMap<IpAddr, Arc<Mutex<()>>>>,
}

/// Addresses that are told apart when they guess; more are those of one attacker.
const GUESSERS: usize = 1000;

/// How long a wrong password is thought about.
const PAUSE: Duration = Duration::from_secs(1);

/// A token that nobody guesses.
pub fn token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The token of a run: one for each password, so that a cookie that another password gave opens
/// nothing. Without the secret it tells nothing of the password.
pub fn token_for(secret: &str, password: Option<&str>) -> String {
    match password {
        Some(password) => blake3::hash(format!("{secret} {password}").as_bytes()).to_string(),
        None => secret.into(),
    }
}

/// Digests are compared, which takes the same time wherever two texts differ.
fn same(a: &str, b: &str) -> bool {
    blake3::hash(a.as_bytes()) == blake3::hash(b.as_bytes())
}

impl Gate {
    /// A gate before `address`.
    pub fn new(address: SocketAddr, token: String, password: Option<String>) -> Self {
        Gate { address, token, password, trying: Default::default() }
    }

    /// The name of the cookie: cookies do not know ports, two studios must not share one.
    pub fn cookie(&self) -> String {
        format!("jianbao-{}", self.address.port())
    }

    /// Whether a request is meant for us: by a name that leads here and cannot be another's.
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
            // A number cannot be made to lead elsewhere, as a name can.
            Ok(ip) if self.address.ip().is_unspecified() => !ip.is_unspecified(),
            Ok(ip) => ip == self.address.ip(),
            Err(_) => false,
        }
    }

    /// Whether a page of ours asks, as far as the browser says.
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

    /// Whether it is the token.
    pub fn is_token(&self, given: &str) -> bool {
        same(given, &self.token)
    }

    /// Whether it is the password; whoever guesses has to wait.
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

    /// The address to open: the token is taken out of it by the first answer.
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

/// The address by which others reach this machine; nothing is sent to learn it.
fn outward(all: IpAddr) -> Option<IpAddr> {
    // Addresses that are kept for documentation lead out of every network.
    let far: SocketAddr = match all {
        IpAddr::V4(_) => (Ipv4Addr::new(192, 0, 2, 1), 9).into(),
        IpAddr::V6(_) => (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1), 9).into(),
    };
    let socket = UdpSocket::bind((all, 0)).ok()?;
    socket.connect(far).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
