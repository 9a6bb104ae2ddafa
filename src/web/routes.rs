//! The one way to mount a route: it is recorded while it is built, so that `cpom routes` and the role table of the
//! tests know every door of the house.

use axum::Router;
use axum::handler::Handler;
use axum::routing::{get, post};

use super::App;

/// A mounted route.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// As axum writes it, with its parameters: `/plans/{code}`.
    pub path: &'static str,
    /// `GET` or `POST`.
    pub method: &'static str,
}

/// A router that keeps the list of what it mounts.
#[derive(Default)]
pub struct Routes {
    router: Router<App>,
    list: Vec<Route>,
}

impl Routes {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Mounts a page.
    #[must_use]
    pub fn get<H, T>(mut self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.list.push(Route { path, method: "GET" });
        self.router = self.router.route(path, get(handler));
        self
    }

    /// Mounts an act.
    #[must_use]
    pub fn post<H, T>(mut self, path: &'static str, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.list.push(Route { path, method: "POST" });
        self.router = self.router.route(path, post(handler));
        self
    }

    /// Takes the routes of a room.
    #[must_use]
    pub fn merge(mut self, room: Self) -> Self {
        self.router = self.router.merge(room.router);
        self.list.extend(room.list);
        self
    }

    /// Every route mounted, sorted by path.
    pub fn list(&self) -> Vec<Route> {
        let mut list = self.list.clone();
        list.sort();
        list
    }

    /// The axum router.
    pub fn into_router(self) -> Router<App> {
        self.router
    }
}
