//! The cookies of the house: unreadable by scripts, sent to this host only.

use axum_extra::extract::cookie::{Cookie, SameSite};

use super::Settings;

/// The name a cookie has on the wire. Over https it takes the prefix by which browsers refuse one set by a
/// neighbouring host or without TLS.
pub fn name(settings: &Settings, base: &str) -> String {
    if settings.secure_cookies { format!("__Host-{base}") } else { base.to_owned() }
}

/// A cookie that ends with the browser, unless the caller gives it an age.
///
/// `Lax`, not `Strict`: a link in a message must open the page it names, not the sign-in form.
pub fn cookie(settings: &Settings, base: &str, value: impl Into<String>) -> Cookie<'static> {
    Cookie::build((name(settings, base), value.into()))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax)
        .secure(settings.secure_cookies)
        .build()
}

/// What removes it. Browsers want the same attributes as when it was set.
pub fn removal(settings: &Settings, base: &str) -> Cookie<'static> {
    let mut cookie = cookie(settings, base, "");
    cookie.make_removal();
    cookie
}
