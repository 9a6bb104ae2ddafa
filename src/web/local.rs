//! Addresses within this application, as they come back from a form or a header.

use axum::http::{HeaderMap, Uri, header};

/// Longest address kept for afterwards.
const LENGTH_MAX: usize = 1000;

/// A path (and query) of this application: never another site's address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalPath(String);

impl LocalPath {
    /// `None` for anything a browser might read as another host: `//host`, `/\host`, `https:…`, a tab or a line break
    /// (browsers drop those before reading).
    pub fn parse(text: &str) -> Option<Self> {
        let ok = text.len() <= LENGTH_MAX
            && text.starts_with('/')
            && !text.starts_with("//")
            && text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
        ok.then(|| Self(text.to_owned()))
    }

    /// The page a request comes from, when it is one of ours: where to go back to after signing in again.
    pub fn origin(headers: &HeaderMap) -> Option<Self> {
        let from = headers.get("hx-current-url").or_else(|| headers.get(header::REFERER))?;
        let from: Uri = from.to_str().ok()?.parse().ok()?;
        let host = headers.get(header::HOST)?.to_str().ok()?;
        if from.authority()?.as_str() != host {
            return None;
        }
        Self::parse(from.path_and_query()?.as_str())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_of_this_application_are_kept() {
        for text in ["/", "/plans/uca-iut-2021-2026?vue=1#a", "/a%20b"] {
            assert!(LocalPath::parse(text).is_some(), "{text}");
        }
        for text in [
            "",
            "plans",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "https://evil.example",
            "/\t/evil.example",
            "/a\\b",
            "/a b",
            "/é",
            "javascript:alert(1)",
            "/a\r\nSet-Cookie: x=1",
        ] {
            assert_eq!(LocalPath::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_page_one_comes_from_is_kept_when_it_is_ours() {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, "cpom.example".parse().unwrap());
        headers.insert(header::REFERER, "https://cpom.example/account?x=1".parse().unwrap());
        assert_eq!(LocalPath::origin(&headers).unwrap().as_str(), "/account?x=1");
        headers.insert(header::REFERER, "https://evil.example/account".parse().unwrap());
        assert_eq!(LocalPath::origin(&headers), None);
    }
}
