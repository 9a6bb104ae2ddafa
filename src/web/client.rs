//! Where a request comes from, for the throttle of sign-in.

use std::convert::Infallible;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::HeaderMap;
use axum::http::request::Parts;

use super::App;

/// The visitor's address: the peer, or what a trusted proxy says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client(IpAddr);

impl Client {
    /// Reads it. `X-Forwarded-For` grows to the right, each proxy adding the peer it saw: only what our own proxies
    /// wrote is believed, so the last address that is not one of theirs is the visitor's. Anything further left may
    /// be forged.
    fn new(peer: IpAddr, headers: &HeaderMap, trusted: &[IpAddr]) -> Self {
        let peer = peer.to_canonical();
        let ours = |address: &IpAddr| trusted.iter().any(|proxy| proxy.to_canonical() == *address);
        if !ours(&peer) {
            return Self(peer);
        }
        let mut seen = peer;
        let hops = headers.get_all("x-forwarded-for").iter().rev();
        for hop in hops.flat_map(|line| line.to_str().unwrap_or_default().rsplit(',')) {
            let Some(address) = parse_hop(hop.trim()) else { break };
            seen = address;
            if !ours(&address) {
                break;
            }
        }
        Self(seen)
    }
}

/// An address, with or without its port or brackets.
fn parse_hop(hop: &str) -> Option<IpAddr> {
    let bare = hop.trim_start_matches('[').trim_end_matches(']');
    let address = bare.parse().ok().or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

/// As it is counted: an IPv6 visitor holds a whole /64, and would otherwise have as many tries as addresses in it.
impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => address.fmt(f),
            IpAddr::V6(address) => {
                let network = u128::from(address) & (u128::MAX << 64);
                write!(f, "{}/64", Ipv6Addr::from(network))
            }
        }
    }
}

impl FromRequestParts<App> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        // Without a peer (a request made in process) everyone shares one address: the strict side.
        let peer = parts
            .extensions
            .get::<ConnectInfo<SocketAddr>>()
            .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(peer)| peer.ip());
        Ok(Self::new(peer, &parts.headers, &app.settings.trusted_proxies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<IpAddr> = trusted.iter().map(|text| text.parse().unwrap()).collect();
        Client::new(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_their_address() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &["198.51.100.1"], &["10.0.0.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_hop_that_is_not_ours_is_the_visitor() {
        let trusted = ["10.0.0.1", "10.0.0.2"];
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.2.3.4, 203.0.113.9, 10.0.0.2"], &trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["1.2.3.4", "203.0.113.9"], &trusted), "203.0.113.9");
        assert_eq!(client("10.0.0.1", &["203.0.113.9:5123"], &trusted), "203.0.113.9");
        assert_eq!(client("::ffff:10.0.0.1", &["203.0.113.9"], &trusted), "203.0.113.9");
    }

    #[test]
    fn nonsense_stops_at_what_was_seen() {
        assert_eq!(client("10.0.0.1", &["203.0.113.9, unknown"], &["10.0.0.1"]), "10.0.0.1");
        assert_eq!(client("10.0.0.1", &[], &["10.0.0.1"]), "10.0.0.1");
    }

    #[test]
    fn ipv6_counts_by_network() {
        assert_eq!(client("2001:db8:1:2:3:4:5:6", &[], &[]), "2001:db8:1:2::/64");
    }
}
