//! The mail server that messages go through, as the settings name it.

use std::fmt;

use lettre::message::Mailbox;
use percent_encoding::percent_decode_str;
use url::Url;

/// How a conversation is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte.
    Tls,
    /// Begun in clear, nothing said before TLS; a server without it is refused.
    StartTls,
    /// In clear, for a relay on the same network that takes no password.
    Plain,
}

impl Security {
    /// The port when the address names none.
    const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::Plain => 25,
        }
    }

    /// As shown.
    const fn label(self) -> &'static str {
        match self {
            Self::Tls => "TLS",
            Self::StartTls => "STARTTLS",
            Self::Plain => "sans chiffrement",
        }
    }
}

/// What is presented to the server.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The account there.
    pub user: String,
    /// Its password, for its one use.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Login(…)")
    }
}

/// A mail server, and in whose name messages leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relay {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is protected.
    pub security: Security,
    /// What it is told of us, if anything.
    pub login: Option<Login>,
    /// Sender of every message.
    pub from: Mailbox,
}

// Shown to those who administer and in the log: never the login.
impl fmt::Display for Relay {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{} ({})", self.host, self.port, self.security.label())
    }
}

/// An address without its sender yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    host: String,
    port: u16,
    security: Security,
    login: Option<Login>,
}

impl Server {
    /// `smtps://account:password@host[:465]`, `smtp://account:password@host[:587]`, `smtp://host[:25]?tls=non`. Nothing
    /// else: a password is never sent in clear.
    pub fn parse(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let security = match (url.scheme(), url.query()) {
            ("smtps", None) => Security::Tls,
            ("smtp", None) => Security::StartTls,
            ("smtp", Some("tls=non")) => Security::Plain,
            _ => return None,
        };
        let host = url.host_str().filter(|host| !host.is_empty())?.trim_matches(['[', ']']).to_owned();
        let login = match (decoded(url.username())?, url.password()) {
            (user, None) if user.is_empty() => None,
            (user, Some(password)) if !user.is_empty() => Some(Login { user, password: decoded(password)? }),
            _ => return None,
        };
        let plain = matches!(url.path(), "" | "/") && url.fragment().is_none();
        let safe = login.is_none() || security != Security::Plain;
        (plain && safe).then(|| Self { host, port: url.port().unwrap_or_else(|| security.port()), security, login })
    }

    /// With the sender of its messages.
    pub fn sending_as(self, from: Mailbox) -> Relay {
        let Self { host, port, security, login } = self;
        Relay { host, port, security, login, from }
    }
}

fn decoded(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// A sender: `cpom@univ.fr`, or `CPOM <cpom@univ.fr>`.
pub fn sender(text: &str) -> Option<Mailbox> {
    text.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("smtps://ana:pomme%20verte@relais.univ.example", Security::Tls, 465, true)]
    #[case("smtp://ana:pomme@relais.univ.example", Security::StartTls, 587, true)]
    #[case("smtp://relais.univ.example:2525/", Security::StartTls, 2525, false)]
    #[case("smtp://127.0.0.1?tls=non", Security::Plain, 25, false)]
    fn an_address_says_how_it_is_protected(
        #[case] text: &str,
        #[case] security: Security,
        #[case] port: u16,
        #[case] login: bool,
    ) {
        let server = Server::parse(text).unwrap();
        assert_eq!((server.security, server.port, server.login.is_some()), (security, port, login));
    }

    #[rstest]
    #[case("relais.univ.example")]
    #[case("https://relais.univ.example")]
    #[case("smtp://")]
    #[case("smtp://ana@relais.univ.example")]
    #[case("smtp://:pomme@relais.univ.example")]
    #[case("smtp://ana:pomme@relais.univ.example?tls=non")]
    #[case("smtps://relais.univ.example?tls=non")]
    #[case("smtp://relais.univ.example?tls=oui")]
    #[case("smtp://relais.univ.example/dossier")]
    #[case("smtp://relais.univ.example:99999")]
    fn anything_else_is_refused(#[case] text: &str) {
        assert_eq!(Server::parse(text), None);
    }

    #[test]
    fn a_password_is_read_once_and_shown_nowhere() {
        let server = Server::parse("smtps://ana:pomme%20verte@relais.univ.example").unwrap();
        let relay = server.sending_as(sender("CPOM <cpom@univ.example>").unwrap());
        assert_eq!(relay.login.as_ref().unwrap().password, "pomme verte");
        assert_eq!(relay.to_string(), "relais.univ.example:465 (TLS)");
        assert!(!format!("{relay:?}{relay}").contains("pomme"));
    }

    #[test]
    fn a_sender_is_an_address() {
        assert_eq!(sender("CPOM <cpom@univ.example>").unwrap().email.to_string(), "cpom@univ.example");
        assert!(sender("cpom@univ.example").is_some());
        for text in ["cpom", "CPOM <cpom>", "a@b.example, c@d.example"] {
            assert!(sender(text).is_none(), "{text}");
        }
    }
}
