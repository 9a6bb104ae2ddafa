//! Every setting of the program, in one place: read from the environment, checked at start, listed by `cpom help`.

use std::fmt::{self, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::{DateTime, Utc};
use sqlx::postgres::PgConnectOptions;
use tracing_subscriber::EnvFilter;

use crate::mail::relay::{self, Relay, Server};

/// Where the embedded cluster and the demo's password go when nothing is typed.
pub const DEFAULT_DATA_DIR: &str = "./data";
const DEFAULT_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const DEFAULT_METRICS_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9464);
const DEFAULT_LOG: &str = "info,sqlx::postgres::notice=warn";
/// What turns the metrics off.
const NONE: &str = "non";
const PREFIX: &str = "CPOM_";

/// One line of the list of settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// What it does, in French.
    pub meaning: &'static str,
    /// What happens without it, in French.
    pub default: &'static str,
}

/// The settings, in the order in which `cpom help` shows them.
pub const SETTINGS: [Setting; 14] = [
    Setting {
        name: "DATABASE_URL",
        meaning: "Base PostgreSQL à utiliser (postgres://compte:mot-de-passe@hôte:port/base)",
        default: "un PostgreSQL privé, dans CPOM_DATA_DIR",
    },
    Setting {
        name: "CPOM_DATA_DIR",
        meaning: "Dossier des données : base privée, mot de passe de la démonstration",
        default: "./data (en tant que root, si PostgreSQL n’y a pas accès : /var/lib/cpom)",
    },
    Setting {
        name: "CPOM_PG_BINDIR",
        meaning: "Dossier des programmes de PostgreSQL (initdb, postgres, pg_dump…)",
        default: "la version des données, sinon la plus récente installée",
    },
    Setting { name: "CPOM_LISTEN", meaning: "Adresse et port du service", default: "127.0.0.1:8080" },
    Setting {
        name: "CPOM_METRICS_LISTEN",
        meaning: "Adresse et port des mesures Prometheus, sur cette machine seulement ; « non » pour aucune",
        default: "127.0.0.1:9464 (si le port est pris : un avertissement, et aucune mesure)",
    },
    Setting {
        name: "CPOM_PUBLIC_URL",
        meaning: "Adresse publique du service ; en https, les cookies ne circulent que chiffrés",
        default: "http:// suivi de CPOM_LISTEN",
    },
    Setting {
        name: "CPOM_TRUSTED_PROXY",
        meaning: "Adresses IP, séparées par des virgules, dont l’en-tête X-Forwarded-For est cru",
        default: "aucune",
    },
    Setting {
        name: "CPOM_SMTP_URL",
        meaning: "Serveur de courrier des rappels : smtps://compte:mot-de-passe@hôte:port (TLS), smtp://… (STARTTLS), \
                  ou smtp://hôte:25?tls=non (sans compte ni chiffrement, pour un relais local) ; demande CPOM_SMTP_FROM et \
                  CPOM_PUBLIC_URL",
        default: "aucun ; ce qui attend chacun se lit sur son accueil",
    },
    Setting { name: "CPOM_SMTP_FROM", meaning: "Expéditeur des rappels (CPOM <cpom@univ.example>)", default: "aucun" },
    Setting {
        name: "CPOM_NOW",
        meaning: "Arrête l’horloge à cet instant (2026-03-15T09:00:00+01:00), base de démonstration seulement",
        default: "l’heure de la machine",
    },
    Setting {
        name: "CPOM_TIMING",
        meaning: "1 : chaque page dit sa durée et son nombre de requêtes (en-tête Server-Timing)",
        default: "0",
    },
    Setting {
        name: "CPOM_DEMO_PASSWORD",
        meaning: "Mot de passe des comptes de démonstration",
        default: "tiré au sort, affiché et gardé dans CPOM_DATA_DIR/demo-password",
    },
    Setting {
        name: "CPOM_DEMO_EXPOSED",
        meaning: "1 : accepte de servir les comptes de démonstration hors de cette machine",
        default: "0",
    },
    Setting {
        name: "CPOM_LOG",
        meaning: "Détail du journal technique (error, warn, info, debug, ou un filtre par module)",
        default: DEFAULT_LOG,
    },
];

/// The list of settings as `cpom help` prints it.
pub fn help() -> String {
    let mut text = String::new();
    for Setting { name, meaning, default } in SETTINGS {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "  {name}\n      {meaning}.\n      Par défaut : {default}.");
    }
    text
}

/// A text that no log may show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself, for its one use.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Secret(…)")
    }
}

/// The public address of the service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    secure: bool,
}

impl PublicUrl {
    /// `https://cpom.univ.fr`, without a final slash: an address is this followed by a path.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Whether visitors come by https, and cookies may require it.
    pub fn is_secure(&self) -> bool {
        self.secure
    }

    fn parse(text: &str) -> Option<Self> {
        let uri: axum::http::Uri = text.parse().ok()?;
        let secure = match uri.scheme_str()? {
            "https" => true,
            "http" => false,
            _ => return None,
        };
        let authority = uri.authority()?.as_str();
        let plain =
            !authority.contains('@') && !text.contains('#') && matches!(uri.path(), "" | "/") && uri.query().is_none();
        let scheme = if secure { "https" } else { "http" };
        plain.then(|| Self { origin: format!("{scheme}://{}", authority.to_ascii_lowercase()), secure })
    }
}

/// The settings of one run, checked.
#[derive(Clone)]
pub struct Settings {
    /// The given server; `None` means the embedded cluster.
    pub database: Option<PgConnectOptions>,
    /// As typed; the embedded cluster may move it (`Cluster::dir`).
    pub data_dir: PathBuf,
    /// The folder of PostgreSQL's programs, if typed.
    pub pg_bindir: Option<PathBuf>,
    /// Where pages are served.
    pub listen: SocketAddr,
    /// Where metrics are served, a loopback address; `None` for no metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// How visitors call us.
    pub public_url: PublicUrl,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpAddr>,
    /// Where reminders go through; `None`: none is sent.
    pub mail: Option<Relay>,
    /// A stopped clock; `serve` accepts it on a demo database only.
    pub now: Option<DateTime<Utc>>,
    /// Whether pages carry `Server-Timing`.
    pub timing: bool,
    /// The password the demo accounts get.
    pub demo_password: Option<Secret>,
    /// Whether demo accounts may be served beyond this machine.
    pub demo_exposed: bool,
    /// The filter of the technical log, valid.
    pub log: String,
}

// By hand: connection options show their password.
impl fmt::Debug for Settings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = |options: &PgConnectOptions| format!("{}:{} (…)", options.get_host(), options.get_port());
        out.debug_struct("Settings")
            .field("database", &self.database.as_ref().map(server))
            .field("data_dir", &self.data_dir)
            .field("pg_bindir", &self.pg_bindir)
            .field("listen", &self.listen)
            .field("metrics_listen", &self.metrics_listen)
            .field("public_url", &self.public_url)
            .field("trusted_proxies", &self.trusted_proxies)
            .field("mail", &self.mail)
            .field("now", &self.now)
            .field("timing", &self.timing)
            .field("demo_password", &self.demo_password)
            .field("demo_exposed", &self.demo_exposed)
            .field("log", &self.log)
            .finish()
    }
}

/// Every setting that cannot be used, so that one reading mends them all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.listed())]
pub struct BadSettings {
    problems: Vec<String>,
}

impl BadSettings {
    /// One sentence each, beginning with the setting's name.
    pub fn problems(&self) -> &[String] {
        &self.problems
    }

    fn listed(&self) -> String {
        let mut text = match self.problems.len() {
            1 => "Un réglage est à corriger :".to_owned(),
            count => format!("{count} réglages sont à corriger :"),
        };
        for problem in &self.problems {
            text.push_str("\n  ");
            text.push_str(problem);
        }
        text
    }
}

impl Settings {
    /// From the environment; also refuses a `CPOM_…` name that does not exist, since a misspelt one would do nothing.
    pub fn from_env() -> Result<Self, BadSettings> {
        let mut problems = Vec::new();
        for (name, value) in std::env::vars_os() {
            let name = name.to_string_lossy();
            let known = SETTINGS.iter().any(|setting| setting.name == name);
            if known && value.to_str().is_none() {
                problems.push(format!("{name} n’est pas un texte UTF-8."));
            } else if !known && name.starts_with(PREFIX) {
                problems.push(format!("{name} n’est pas un réglage connu ; « cpom help » en donne la liste."));
            }
        }
        Self::check(|name| std::env::var(name).ok(), problems)
    }

    /// From anything that answers by name. An empty answer is none: that is how a compose file leaves one out.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, BadSettings> {
        Self::check(lookup, Vec::new())
    }

    fn check(lookup: impl Fn(&str) -> Option<String>, problems: Vec<String>) -> Result<Self, BadSettings> {
        let mut reader = Reader { lookup, problems };
        let listen = reader.address("CPOM_LISTEN").unwrap_or(DEFAULT_LISTEN);
        let settings = Self {
            database: reader.database(),
            data_dir: reader.text("CPOM_DATA_DIR").unwrap_or_else(|| DEFAULT_DATA_DIR.to_owned()).into(),
            pg_bindir: reader.text("CPOM_PG_BINDIR").map(PathBuf::from),
            listen,
            metrics_listen: reader.metrics(),
            public_url: reader.public_url(listen),
            trusted_proxies: reader.proxies(),
            mail: reader.mail(),
            now: reader.now(),
            timing: reader.flag("CPOM_TIMING"),
            demo_password: reader.text("CPOM_DEMO_PASSWORD").map(Secret),
            demo_exposed: reader.flag("CPOM_DEMO_EXPOSED"),
            log: reader.log(),
        };
        if reader.problems.is_empty() { Ok(settings) } else { Err(BadSettings { problems: reader.problems }) }
    }
}

struct Reader<F> {
    lookup: F,
    problems: Vec<String>,
}

impl<F: Fn(&str) -> Option<String>> Reader<F> {
    fn text(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.trim().is_empty())
    }

    /// `expected` completes « … doit être … ».
    fn parsed<T>(&mut self, name: &str, expected: &str, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let value = self.text(name)?;
        let parsed = parse(value.trim());
        if parsed.is_none() {
            self.problems.push(format!("{name} doit être {expected} : « {value} » ne convient pas."));
        }
        parsed
    }

    fn flag(&mut self, name: &str) -> bool {
        let parse = |text: &str| match text {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        };
        self.parsed(name, "1 ou 0", parse).unwrap_or(false)
    }

    fn address(&mut self, name: &str) -> Option<SocketAddr> {
        self.parsed(name, "une adresse IP et un port, par exemple 127.0.0.1:8080", |text| text.parse().ok())
    }

    fn database(&mut self) -> Option<PgConnectOptions> {
        let url = self.text("DATABASE_URL")?;
        let scheme = ["postgres://", "postgresql://"].iter().any(|scheme| url.trim().starts_with(scheme));
        let options = url.trim().parse().ok().filter(|_| scheme);
        if options.is_none() {
            // Not repeated: it holds a password.
            let expected = "DATABASE_URL doit être une adresse postgres://compte:mot-de-passe@hôte:port/base \
                            (les signes spéciaux du mot de passe s’écrivent %XX).";
            self.problems.push(expected.to_owned());
        }
        options
    }

    fn metrics(&mut self) -> Option<SocketAddr> {
        const NAME: &str = "CPOM_METRICS_LISTEN";
        if self.text(NAME).is_some_and(|value| value.trim() == NONE) {
            return None;
        }
        let local = |text: &str| text.parse().ok().filter(|address: &SocketAddr| address.ip().is_loopback());
        let expected = "une adresse de cette machine et un port, par exemple 127.0.0.1:9464, ou « non »";
        Some(self.parsed(NAME, expected, local).unwrap_or(DEFAULT_METRICS_LISTEN))
    }

    fn public_url(&mut self, listen: SocketAddr) -> PublicUrl {
        let expected = "l’adresse publique du service, sans chemin, par exemple https://cpom.univ.example";
        let default = || PublicUrl { origin: format!("http://{listen}"), secure: false };
        self.parsed("CPOM_PUBLIC_URL", expected, PublicUrl::parse).unwrap_or_else(default)
    }

    fn proxies(&mut self) -> Vec<IpAddr> {
        let list = |text: &str| text.split(',').map(|one| one.trim().parse().ok()).collect();
        self.parsed("CPOM_TRUSTED_PROXY", "une liste d’adresses IP séparées par des virgules", list).unwrap_or_default()
    }

    /// All of it or nothing: a server without a sender, or links that lead nowhere, would only fail later.
    fn mail(&mut self) -> Option<Relay> {
        const URL: &str = "CPOM_SMTP_URL";
        const FROM: &str = "CPOM_SMTP_FROM";
        let url = self.text(URL);
        let from = self.parsed(FROM, "une adresse, par exemple CPOM <cpom@univ.example>", relay::sender);
        let Some(url) = url else {
            if self.text(FROM).is_some() {
                self.problems.push(format!("{FROM} ne sert à rien sans {URL}, le serveur de courrier."));
            }
            return None;
        };
        let server = Server::parse(url.trim());
        if server.is_none() {
            // Not repeated: it holds a password.
            self.problems.push(format!(
                "{URL} doit être smtps://compte:mot-de-passe@hôte:port, smtp://compte:mot-de-passe@hôte:port (STARTTLS) \
                 ou smtp://hôte:port?tls=non, sans compte (les signes spéciaux du mot de passe s’écrivent %XX)."
            ));
        }
        if self.text(FROM).is_none() {
            self.problems.push(format!("{URL} demande aussi {FROM}, l’expéditeur des courriels."));
        }
        if self.text("CPOM_PUBLIC_URL").is_none() {
            self.problems.push(format!("{URL} demande aussi CPOM_PUBLIC_URL : les liens des courriels y mènent."));
        }
        Some(server?.sending_as(from?))
    }

    fn now(&mut self) -> Option<DateTime<Utc>> {
        let instant = |text: &str| DateTime::parse_from_rfc3339(text).ok().map(|instant| instant.to_utc());
        self.parsed("CPOM_NOW", "un instant RFC 3339, par exemple 2026-03-15T09:00:00+01:00", instant)
    }

    fn log(&mut self) -> String {
        let expected = "un niveau (error, warn, info, debug) ou un filtre comme « info,sqlx=warn »";
        let valid = |text: &str| EnvFilter::try_new(text).is_ok().then(|| text.to_owned());
        self.parsed("CPOM_LOG", expected, valid).unwrap_or_else(|| DEFAULT_LOG.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(given: &[(&str, &str)]) -> Result<Settings, BadSettings> {
        Settings::from_lookup(|name| {
            given.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn nothing_is_needed() {
        let settings = read(&[]).unwrap();
        assert!(settings.database.is_none());
        assert_eq!(settings.data_dir, PathBuf::from("./data"));
        assert_eq!(settings.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(settings.metrics_listen.unwrap().to_string(), "127.0.0.1:9464");
        assert_eq!(settings.public_url.origin(), "http://127.0.0.1:8080");
        assert!(!settings.public_url.is_secure());
        assert!(!settings.timing && !settings.demo_exposed && settings.now.is_none());
        assert_eq!(settings.log, DEFAULT_LOG);
    }

    #[test]
    fn each_setting_is_read() {
        let settings = read(&[
            ("DATABASE_URL", "postgres://ana:pomme%20verte@db.example:5433/contrats"),
            ("CPOM_DATA_DIR", "/srv/cpom"),
            ("CPOM_PG_BINDIR", "/opt/pg/bin"),
            ("CPOM_LISTEN", "[::1]:80"),
            ("CPOM_METRICS_LISTEN", "non"),
            ("CPOM_PUBLIC_URL", "https://CPOM.univ.example/"),
            ("CPOM_TRUSTED_PROXY", "10.0.0.1, ::1"),
            ("CPOM_SMTP_URL", "smtps://ana:pomme%20verte@relais.univ.example"),
            ("CPOM_SMTP_FROM", "CPOM <cpom@univ.example>"),
            ("CPOM_NOW", "2026-03-15T09:00:00+01:00"),
            ("CPOM_TIMING", "1"),
            ("CPOM_DEMO_PASSWORD", "pomme verte"),
            ("CPOM_DEMO_EXPOSED", "1"),
            ("CPOM_LOG", "info,sqlx=warn"),
        ])
        .unwrap();
        assert_eq!(settings.database.as_ref().unwrap().get_port(), 5433);
        assert_eq!(settings.metrics_listen, None);
        assert_eq!(settings.public_url.origin(), "https://cpom.univ.example");
        assert!(settings.public_url.is_secure());
        assert_eq!(settings.trusted_proxies.len(), 2);
        assert_eq!(settings.mail.as_ref().unwrap().port, 465);
        assert_eq!(settings.now.unwrap().to_rfc3339(), "2026-03-15T08:00:00+00:00");
        assert!(settings.timing && settings.demo_exposed);
        let shown = format!("{settings:?}");
        assert!(!shown.contains("pomme"), "{shown}");
    }

    #[test]
    fn empty_is_absent() {
        let settings = read(&[("DATABASE_URL", ""), ("CPOM_NOW", " "), ("CPOM_LISTEN", "")]).unwrap();
        assert!(settings.database.is_none() && settings.now.is_none());
    }

    #[test]
    fn all_problems_come_at_once_and_none_tells_a_secret() {
        let refused = read(&[
            ("DATABASE_URL", "mysql://ana:pomme@db/contrats"),
            ("CPOM_LISTEN", "8080"),
            ("CPOM_METRICS_LISTEN", "0.0.0.0:9464"),
            ("CPOM_PUBLIC_URL", "https://univ.example/cpom"),
            ("CPOM_TRUSTED_PROXY", "10.0.0.0/8"),
            ("CPOM_NOW", "demain"),
            ("CPOM_TIMING", "oui"),
            ("CPOM_DEMO_EXPOSED", "true"),
            ("CPOM_LOG", "info,=,"),
        ])
        .unwrap_err();
        assert_eq!(refused.problems().len(), 9, "{refused}");
        let text = refused.to_string();
        assert!(text.starts_with("9 réglages sont à corriger :\n  "), "{text}");
        assert!(text.contains("CPOM_TIMING doit être 1 ou 0 : « oui » ne convient pas."), "{text}");
        assert!(!text.contains("pomme"), "{text}");
    }

    #[rstest::rstest]
    #[case(&[("CPOM_SMTP_FROM", "cpom@univ.example")], "CPOM_SMTP_FROM ne sert à rien sans")]
    #[case(&[("CPOM_SMTP_URL", "smtp://relais.example")], "CPOM_SMTP_URL demande aussi CPOM_SMTP_FROM")]
    #[case(&[("CPOM_SMTP_URL", "smtp://relais.example")], "CPOM_SMTP_URL demande aussi CPOM_PUBLIC_URL")]
    #[case(&[("CPOM_SMTP_URL", "smtp://ana:pomme@relais.example?tls=non")], "CPOM_SMTP_URL doit être smtps://")]
    #[case(&[("CPOM_SMTP_URL", "smtp://relais.example"), ("CPOM_SMTP_FROM", "cpom")], "CPOM_SMTP_FROM doit être une adresse")]
    fn mail_is_set_whole_or_not_at_all(#[case] given: &[(&str, &str)], #[case] expected: &str) {
        let refused = read(given).unwrap_err().to_string();
        assert!(refused.contains(expected) && !refused.contains("pomme"), "{refused}");
    }

    #[rstest::rstest]
    #[case("ftp://univ.example")]
    #[case("univ.example")]
    #[case("https://ana:pomme@univ.example")]
    #[case("https://univ.example?x=1")]
    #[case("https://univ.example/#haut")]
    fn a_public_address_is_an_origin(#[case] text: &str) {
        assert_eq!(PublicUrl::parse(text), None);
    }

    #[test]
    fn the_help_names_every_setting() {
        let text = help();
        for setting in SETTINGS {
            assert!(text.contains(setting.name) && text.contains(setting.default));
        }
        assert!(text.contains(&DEFAULT_METRICS_LISTEN.to_string()) && text.contains(&DEFAULT_LISTEN.to_string()));
    }
}
