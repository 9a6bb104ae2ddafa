//! A real mail server (`smtp/server.mjs`), and what it received.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use cpom::mail::relay::{Relay, Server, sender};
use mail_parser::{Message, MessageParser};
use serde_json::Value;

/// The server's own certificate, which no machine trusts by itself.
pub const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp/cert.pem");
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/smtp/server.mjs");
/// Who every message comes from.
pub const FROM: &str = "CPOM — rappels <cpom@univ.example>";
const WAIT: Duration = Duration::from_secs(20);

/// A message as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    /// Its one reader.
    pub to: String,
    /// It came over TLS.
    pub secure: bool,
    /// Who had signed in.
    pub user: Option<String>,
    raw: String,
}

impl Received {
    /// Read by a parser that is not ours.
    pub fn parsed(&self) -> Message<'static> {
        MessageParser::default().parse(self.raw.as_bytes()).unwrap().into_owned()
    }

    /// Its subject.
    pub fn subject(&self) -> String {
        self.parsed().subject().unwrap().to_owned()
    }

    /// Its part in plain text.
    pub fn text(&self) -> String {
        self.parsed().body_text(0).unwrap().into_owned()
    }

    /// Its part in HTML.
    pub fn html(&self) -> String {
        self.parsed().body_html(0).unwrap().into_owned()
    }
}

/// The server; it goes with the test.
pub struct MailServer {
    child: Child,
    port: u16,
    received: Arc<(Mutex<Vec<Received>>, Condvar)>,
}

impl MailServer {
    /// A server with these arguments.
    pub fn start(arguments: &[&str]) -> Self {
        let mut child = Command::new("node")
            .arg(SCRIPT)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node runs the mail server of the tests");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("the mail server of the tests starts (npm ci)").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        let port = u16::try_from(first["port"].as_u64().unwrap()).unwrap();
        let received = Arc::<(Mutex<Vec<Received>>, Condvar)>::default();
        let shelf = received.clone();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line: Value = serde_json::from_str(&line).unwrap();
                let received = Received {
                    to: line["to"][0].as_str().unwrap().to_owned(),
                    secure: line["secure"].as_bool().unwrap(),
                    user: line["user"].as_str().map(str::to_owned),
                    raw: line["raw"].as_str().unwrap().to_owned(),
                };
                shelf.0.lock().unwrap().push(received);
                shelf.1.notify_all();
            }
        });
        Self { child, port, received }
    }

    /// How it is named in the settings, without login nor TLS.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}?tls=non", self.port)
    }

    /// The same over STARTTLS, with a login.
    pub fn login_url(&self, password: &str) -> String {
        format!("smtp://ana:{password}@localhost:{}", self.port)
    }

    /// How the application knows it.
    pub fn relay(&self) -> Relay {
        relay(&self.url())
    }

    /// The messages received, waiting for at least so many.
    pub fn received(&self, least: usize) -> Vec<Received> {
        let (kept, news) = &*self.received;
        let (kept, late) = news.wait_timeout_while(kept.lock().unwrap(), WAIT, |it| it.len() < least).unwrap();
        assert!(!late.timed_out(), "{} messages instead of {least}", kept.len());
        kept.clone()
    }

    /// How many messages came in so far.
    pub fn count(&self) -> usize {
        self.received.0.lock().unwrap().len()
    }

    /// The addresses that received something, in order.
    pub fn readers(&self, least: usize) -> Vec<String> {
        let mut readers: Vec<String> = self.received(least).into_iter().map(|it| it.to).collect();
        readers.sort();
        readers
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A relay of an address.
pub fn relay(url: &str) -> Relay {
    Server::parse(url).unwrap().sending_as(sender(FROM).unwrap())
}
