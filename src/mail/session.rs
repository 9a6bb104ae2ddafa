//! One conversation with a mail server, command by command.
//!
//! lettre's own transports answer « it failed » for a whole message. What matters here is where it failed: until the
//! text is handed over, nothing can have left; after it, a silence leaves a doubt that only a person may settle.

use std::error::Error as _;
use std::future::Future;
use std::time::Duration;

use chrono::{DateTime, Utc};
use lettre::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::ClientId;

use super::relay::{Relay, Security};

/// Longest answer of a server that is kept, in characters.
pub const FAILURE_MAX: usize = 300;
/// How long each answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// « Service not available, closing »: the answer to one command, the end of the conversation.
const CLOSING: &str = "421";

/// A message to one person: the same words twice, as text and as HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Address of its reader.
    pub to: String,
    /// Its subject.
    pub subject: String,
    /// As text.
    pub text: String,
    /// As HTML.
    pub html: String,
    /// When it is written.
    pub at: DateTime<Utc>,
    /// Left part of its `Message-ID`: the same message tried again keeps it, so that a mailbox can tell.
    pub id: String,
}

/// Why a message did not leave, or may not have. The sentences are for those who administer and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The server is away, or refuses us whatever the message: nothing left.
    #[error("{0}")]
    Relay(String),
    /// Refused for now, or cut short: nothing left, the same message may be tried again.
    #[error("{0}")]
    Temporary(String),
    /// Refused for good.
    #[error("{0}")]
    Permanent(String),
    /// Handed over, and nothing answered: it may have left.
    #[error("{0}")]
    Uncertain(String),
}

/// An open conversation.
pub struct Session {
    conn: AsyncSmtpConnection,
    from: Mailbox,
    /// The server closed it, or nothing can be believed of it any more.
    broken: bool,
}

impl Session {
    /// Opens a conversation: TLS as the relay asks, then the login if there is one.
    pub async fn open(relay: &Relay) -> Result<Self, Failure> {
        let opening = async {
            let tls = || TlsParameters::new(relay.host.clone());
            let wrapper = if relay.security == Security::Tls { Some(tls()?) } else { None };
            let hello = ClientId::default();
            let place = (relay.host.as_str(), relay.port);
            let mut conn = AsyncSmtpConnection::connect_tokio1(place, Some(PATIENCE), &hello, wrapper, None).await?;
            if relay.security == Security::StartTls {
                conn.starttls(tls()?, &hello).await?;
            }
            Ok(conn)
        };
        let mut conn = patient(opening).await.map_err(|told| Failure::Relay(told.sentence))?;
        if let Some(login) = &relay.login {
            let credentials = Credentials::new(login.user.clone(), login.password.clone());
            let answer = patient(conn.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)).await;
            // Only the number: what a server says of a login may repeat it.
            answer.map_err(|told| {
                let code = told.code.map(|code| format!(" (réponse {code})")).unwrap_or_default();
                Failure::Relay(format!("Le serveur de courrier refuse le compte ou le mot de passe{code}."))
            })?;
        }
        Ok(Self { conn, from: relay.from.clone(), broken: false })
    }

    /// Nothing more can be sent here.
    pub const fn is_broken(&self) -> bool {
        self.broken
    }

    /// Sends one message.
    pub async fn send(&mut self, message: &Message) -> Result<(), Failure> {
        let to: Address = message.to.parse().map_err(|_| Failure::Permanent("L’adresse ne peut pas servir.".into()))?;
        let bytes = self.written(message, &to)?;
        let from = self.from.email.clone();
        self.before(Mail::new(Some(from), Vec::new()), |told| match told.code {
            // Our own name is refused, whoever the message is for.
            Some(_) => Failure::Relay(format!("L’expéditeur est refusé : {}", told.sentence)),
            None => Failure::Temporary(told.sentence),
        })
        .await?;
        let refused = |told: Told| if told.permanent { Failure::Permanent } else { Failure::Temporary }(told.sentence);
        self.before(Rcpt::new(to, Vec::new()), refused).await?;
        self.before(Data, refused).await?;
        match patient(self.conn.message(&bytes)).await {
            Ok(_) => Ok(()),
            Err(told) => {
                self.note(&told);
                Err(if told.code.is_some() { refused(told) } else { Failure::Uncertain(told.sentence) })
            }
        }
    }

    /// Says goodbye; a server that does not answer is left all the same.
    pub async fn close(mut self) {
        if !self.broken {
            let _ = patient(self.conn.quit()).await;
        }
    }

    /// A command after which nothing has left yet.
    async fn before(
        &mut self,
        command: impl std::fmt::Display,
        failure: impl FnOnce(Told) -> Failure,
    ) -> Result<(), Failure> {
        match patient(self.conn.command(command)).await {
            Ok(_) => Ok(()),
            Err(told) => {
                self.note(&told);
                // Takes back what was said of this message, so that the next one begins afresh.
                if !self.broken && patient(self.conn.command(Rset)).await.is_err() {
                    self.broken = true;
                }
                Err(failure(told))
            }
        }
    }

    fn note(&mut self, told: &Told) {
        self.broken |= told.code.as_deref().is_none_or(|code| code == CLOSING);
    }

    /// The message as it travels.
    fn written(&self, message: &Message, to: &Address) -> Result<Vec<u8>, Failure> {
        let id = format!("<{}@{}>", message.id, self.from.email.domain());
        let built = lettre::Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(message.subject.clone())
            .date(message.at.into())
            .message_id(Some(id))
            // No absence notice answers a machine (RFC 3834).
            .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".into()))
            .multipart(MultiPart::alternative_plain_html(message.text.clone(), message.html.clone()));
        // lettre refuses what has no sender or no reader, and this has both.
        let built = built.map_err(|error| Failure::Permanent(short(&error.to_string())))?;
        Ok(built.formatted())
    }
}

/// What is known of a command that failed.
struct Told {
    /// The server's number, when it answered.
    code: Option<String>,
    /// It will answer the same again.
    permanent: bool,
    sentence: String,
}

/// Waits for an answer, not for ever.
async fn patient<T>(answer: impl Future<Output = Result<T, SmtpError>>) -> Result<T, Told> {
    const SILENT: &str = "Le serveur de courrier ne répond pas.";
    match tokio::time::timeout(PATIENCE, answer).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(told(&error)),
        Err(_) => Err(Told { code: None, permanent: false, sentence: SILENT.into() }),
    }
}

fn told(error: &SmtpError) -> Told {
    // The innermost cause says it best: what stands around it names lettre's own layers.
    let mut detail = String::new();
    let mut cause = error.source();
    while let Some(inner) = cause {
        detail = inner.to_string();
        cause = inner.source();
    }
    let code = error.status().map(|code| code.to_string());
    let sentence = match &code {
        Some(code) => format!("réponse {code} : {detail}"),
        None if error.is_client() => format!("Le serveur de courrier ne convient pas : {detail}"),
        None => format!("La liaison avec le serveur de courrier échoue : {detail}"),
    };
    Told { permanent: error.is_permanent(), code, sentence: short(&sentence) }
}

/// One line, of a length that a page can show.
fn short(text: &str) -> String {
    let line: Vec<&str> =
        text.split(|c: char| c.is_control() || c.is_whitespace()).filter(|it| !it.is_empty()).collect();
    line.join(" ").chars().take(FAILURE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_says_is_kept_on_one_short_line() {
        assert_eq!(short("5.1.1\r\n boîte \u{0}inconnue"), "5.1.1 boîte inconnue");
        assert_eq!(short(&"é".repeat(1000)).chars().count(), FAILURE_MAX);
    }
}
