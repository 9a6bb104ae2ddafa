//! Connections: so many at once, each with so long to ask, let finish when the program stops.
//!
//! `axum::serve` waits for ever for the head of a request: whoever opens connections and says nothing would hold them
//! all, and their file descriptors.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt;

/// How long the head of a request may take, and how long a connection may wait for its next request: more than the
/// minute after which a proxy gives its own up, so that it never sends on one that is being closed.
pub const HEAD_PATIENCE: Duration = Duration::from_secs(75);
/// Connections at once; others wait to be accepted. Half of the file descriptors that a process usually has.
const CONNECTIONS_MAX: usize = 512;
/// After a failure to accept: descriptors may have run out, and trying again at once would only burn the processor.
const PAUSE: Duration = Duration::from_millis(500);

/// Answers until `stop`, then lets the requests in flight finish.
pub async fn serve(listener: TcpListener, router: Router, head_patience: Duration, stop: impl Future<Output = ()>) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head_patience);
    let slots = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let open = GracefulShutdown::new();
    tokio::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = accept(&listener, &slots) => accepted,
            () = &mut stop => break,
        };
        let Some((socket, peer, slot)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let router = router.clone();
        let answer = service_fn(move |request: Request<Incoming>| {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(ConnectInfo(peer));
            router.clone().oneshot(request)
        });
        let connection = open.watch(http.serve_connection(TokioIo::new(socket), answer));
        tokio::spawn(async move {
            // A visitor who leaves in the middle is no fault of anyone.
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(slot);
        });
    }
    drop(listener);
    open.shutdown().await;
}

type Accepted = (tokio::net::TcpStream, SocketAddr, tokio::sync::OwnedSemaphorePermit);

/// The next connection, once there is room for it; `None` when it could not be accepted.
async fn accept(listener: &TcpListener, slots: &Arc<Semaphore>) -> Option<Accepted> {
    let slot = slots.clone().acquire_owned().await.ok()?;
    match listener.accept().await {
        Ok((socket, peer)) => {
            // Pages leave whole: waiting to fill a packet only delays their end.
            let _ = socket.set_nodelay(true);
            Some((socket, peer, slot))
        }
        Err(error) => {
            tracing::warn!(%error, "a connection was not accepted");
            None
        }
    }
}
