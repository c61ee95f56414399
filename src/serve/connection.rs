//! A listener → connections with requests, each of which ends after a bounded time when its client
//! falls silent.
//!
//! | what a client does | how it ends |
//! | --- | --- |
//! | sends no request, or its head slowly | after [`Patience::head`] |
//! | sends a body slowly | after [`Patience::body`] |
//! | does not read the answer | after [`Patience::answer`] without a byte taken |
//! | keeps a channel open and answers no ping | see `live` |

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::body::{Body, Bytes, HttpBody};
use axum::extract::{ConnectInfo, Request};
use axum::middleware::{self, Next};
use axum::response::Response;
use axum::{Extension, Router};
use hyper::body::{Frame, SizeHint};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{Sleep, sleep};

/// How long a client is waited for.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For the head of a request, the time between two requests included.
    pub head: Duration,
    /// For the body of a request: 32 MB over a slow network.
    pub body: Duration,
    /// For a client to take the next bytes of an answer.
    pub answer: Duration,
    /// Between two pings of a channel; a client that has not answered one at the next has gone.
    pub ping: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Patience { head: seconds(30), body: seconds(300), answer: seconds(60), ping: seconds(60) }
    }
}

/// The pause after a connection could not be accepted, for lack of file handles.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves all connections of a listener; never ends.
pub async fn serve(listener: TcpListener, router: Router, patience: Patience) {
    let patient = move |request: Request, next: Next| bounded(request, next, patience.body);
    let router = router.layer(middleware::from_fn(patient));
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(patience.head);
    loop {
        let Ok((stream, from)) = listener.accept().await else {
            sleep(PAUSE).await;
            continue;
        };
        // Disable Nagle's algorithm: a small message must not wait for an acknowledgement.
        stream.set_nodelay(true).ok();
        let stream = TokioIo::new(Stream { stream, patience: patience.answer, waiting: None });
        let router = router.clone().layer(Extension(ConnectInfo::<SocketAddr>(from)));
        let served = server.serve_connection(stream, TowerToHyperService::new(router));
        // A connection that breaks off concerns nobody else.
        tokio::spawn(async move { served.with_upgrades().await.ok() });
    }
}

/// Bounds the time for the body of a request.
async fn bounded(request: Request, next: Next, patience: Duration) -> Response {
    let body = |body| Body::new(Bounded { body, ends: Box::pin(sleep(patience)) });
    next.run(request.map(body)).await
}

/// A body that breaks off after some time.
struct Bounded {
    body: Body,
    ends: Pin<Box<Sleep>>,
}

impl HttpBody for Bounded {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(cx) {
            return Poll::Ready(frame);
        }
        ready!(self.ends.as_mut().poll(cx));
        Poll::Ready(Some(Err(axum::Error::new(io::Error::from(io::ErrorKind::TimedOut)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that breaks off when its client takes no byte for some time.
struct Stream {
    stream: TcpStream,
    patience: Duration,
    waiting: Option<Pin<Box<Sleep>>>,
}

impl Stream {
    /// The result of writing, or the end of patience.
    fn patiently<T>(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.waiting = None;
            return written;
        }
        let patience = self.patience;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(patience)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.patiently(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, parts);
        self.patiently(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
