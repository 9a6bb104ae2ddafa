//! Chromium, driven by its own driver, and closed whatever happens.

use std::future::Future;
use std::panic::resume_unwind;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cpom::accounts::demo;
use cpom::accounts::model::Role;
use serde_json::{Value, json};
use sqlx::postgres::PgConnectOptions;
use tempfile::TempDir;
use thirtyfour::cdp::Cdp;
use thirtyfour::prelude::*;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::house::{Ground, House, PASSWORD};

/// Longest a journey may take before it is given up.
const JOURNEY: Duration = Duration::from_mins(8);
/// Longest something may take to appear.
const WAIT: Duration = Duration::from_secs(10);
const CHROMIUM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/chromium");
const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/axe-core/axe.min.js");

/// Opens the house over the real contract and a driver, takes the walk, then closes both, also when the walk failed.
pub async fn journey<Walk, Walked>(options: PgConnectOptions, walk: Walk)
where
    Walk: FnOnce(Desk) -> Walked,
    Walked: Future<Output = ()> + Send + 'static,
{
    journey_over(Ground::Contract, options, walk).await;
}

/// The same, over a ground of one's choice.
pub async fn journey_over<Walk, Walked>(ground: Ground, options: PgConnectOptions, walk: Walk)
where
    Walk: FnOnce(Desk) -> Walked,
    Walked: Future<Output = ()> + Send + 'static,
{
    let house = House::open(options, ground).await;
    let (desk, mut chromedriver) = Desk::set(house.clone()).await;
    let walked = tokio::spawn(timeout(JOURNEY, walk(desk.clone()))).await;
    for browser in desk.browsers.lock().await.drain(..) {
        // A browser that no longer answers dies with its driver, below.
        let _ = timeout(WAIT, browser.driver.quit()).await;
    }
    chromedriver.kill().await.unwrap();
    house.close().await;
    match walked {
        Ok(Ok(())) => {}
        Ok(Err(_)) => panic!("the journey took more than {JOURNEY:?}"),
        Err(failed) => resume_unwind(failed.into_panic()),
    }
}

/// A place from which browsers are opened on the house.
#[derive(Clone)]
pub struct Desk {
    driver: String,
    axe: Arc<str>,
    /// The house.
    pub house: House,
    browsers: Arc<Mutex<Vec<Opened>>>,
}

struct Opened {
    driver: WebDriver,
    /// Removed with it.
    _profile: TempDir,
}

impl Desk {
    async fn set(house: House) -> (Self, Child) {
        let axe = std::fs::read_to_string(AXE).expect("axe-core is missing: run `npm ci`, or `make test`");
        // If this test is killed, the driver goes, and Chromium with it.
        let mut chromedriver = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "chromedriver", "--port=0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("setpriv (util-linux) runs chromedriver");
        let mut lines = BufReader::new(chromedriver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next_line().await.unwrap().expect("chromedriver is missing: run `make test`");
            if let Some((_, port)) = line.split_once("started successfully on port ") {
                break port.trim_end_matches('.').to_owned();
            }
        };
        // A driver whose output nobody reads stops at its next line.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let driver = format!("http://127.0.0.1:{port}");
        (Self { driver, axe: axe.into(), house, browsers: Arc::default() }, chromedriver)
    }

    /// A new browser with an empty profile.
    pub async fn browser(&self, scripts: bool) -> Browser {
        let profile = TempDir::new().unwrap();
        let mut wanted = DesiredCapabilities::chrome();
        wanted.set_binary(CHROMIUM).unwrap();
        for arg in [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,900",
            &format!("--user-data-dir={}", profile.path().display()),
        ] {
            wanted.add_arg(arg).unwrap();
        }
        let driver = WebDriver::new(&self.driver, wanted).await.unwrap();
        self.browsers.lock().await.push(Opened { driver: driver.clone(), _profile: profile });
        let browser = Browser { driver, address: self.house.address.clone(), axe: self.axe.clone(), scripts };
        browser.scripting(scripts).await;
        browser
    }

    /// A browser where the demo's person of this role has signed in.
    pub async fn signed_in(&self, role: Role, scripts: bool) -> Browser {
        self.signed_in_as(&demo::email(role), scripts).await
    }

    /// A browser where the person of this address has signed in.
    pub async fn signed_in_as(&self, email: &str, scripts: bool) -> Browser {
        let browser = self.browser(scripts).await;
        browser.sign_in(email).await;
        browser
    }
}

/// One browser.
pub struct Browser {
    /// For what is not said here.
    pub driver: WebDriver,
    address: String,
    axe: Arc<str>,
    scripts: bool,
}

impl Browser {
    /// Goes to a page of the house.
    pub async fn goto(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.address)).await.unwrap();
    }

    /// The path shown, without the house's address.
    pub async fn path(&self) -> String {
        let url = self.driver.current_url().await.unwrap().to_string();
        url.strip_prefix(&self.address).unwrap_or(&url).to_owned()
    }

    /// Fills the form of `/session`.
    pub async fn sign_in(&self, email: &str) {
        self.goto("/session").await;
        self.write("#email", email).await;
        self.write("#password", PASSWORD).await;
        self.click("main form [type=submit]").await;
        self.see("details.menu").await;
    }

    /// What a selector finds, once it is there.
    pub async fn see(&self, css: &str) -> WebElement {
        let query = self.driver.query(By::Css(css)).wait(WAIT, Duration::from_millis(50));
        let Ok(element) = query.first().await else { panic!("{css} is not on {}", self.path().await) };
        element
    }

    /// The text of what a selector finds.
    pub async fn text(&self, css: &str) -> String {
        self.see(css).await.text().await.unwrap()
    }

    /// The texts of all that a selector finds now, as a person sees them. At once: a page that arrives meanwhile would take
    /// away an element between its being found and its being read.
    pub async fn texts(&self, css: &str) -> Vec<String> {
        const READ: &str = "return [...document.querySelectorAll(arguments[0])]
            .map((it) => it.checkVisibility() ? it.innerText.trim() : '');";
        let texts = self.driver.execute(READ, vec![css.into()]).await.unwrap();
        texts.convert().unwrap()
    }

    /// What a field shows.
    pub async fn value(&self, css: &str) -> String {
        self.see(css).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Types over what a field shows.
    pub async fn write(&self, css: &str, text: &str) {
        let field = self.see(css).await;
        field.scroll_into_view().await.unwrap();
        // Not `clear`: it fires a change of its own, and leaves the field.
        field.click().await.unwrap();
        field.send_keys(Key::Control + "a").await.unwrap();
        field.send_keys(if text.is_empty() { Key::Delete + "" } else { TypingData::from(text) }).await.unwrap();
    }

    /// Chooses in a list.
    pub async fn choose(&self, css: &str, value: &str) {
        self.see(css).await;
        self.click(&format!("{css} option[value=\"{value}\"]")).await;
    }

    /// Clicks, then lets the page that follows arrive.
    pub async fn click(&self, css: &str) {
        let element = self.see(css).await;
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
    }

    /// Fills fields by their ids, as a person would: chosen, ticked, dated or typed over.
    pub async fn fill(&self, fields: &[(&str, &str)]) {
        const DATE: &str = "const [it, day] = arguments; it.value = day;
            it.dispatchEvent(new Event('change', { bubbles: true }));";
        for (id, value) in fields {
            let css = format!("[id='{id}']");
            let field = self.see(&css).await;
            let kind = field.attr("type").await.unwrap().unwrap_or_default();
            match (field.tag_name().await.unwrap().as_str(), kind.as_str()) {
                ("select", _) => self.choose(&css, value).await,
                // Typed, it would be in the order of the browser's own language.
                (_, "date") => {
                    self.driver.execute(DATE, vec![field.to_json().unwrap(), json!(value)]).await.unwrap();
                }
                (_, "checkbox" | "radio") => self.click(&css).await,
                _ => self.write(&css, value).await,
            }
        }
    }

    /// Presses the button of this name in the page's own part, and waits for the page that answers.
    pub async fn press(&self, name: &str) {
        self.leave(By::XPath(format!("//main//button[normalize-space(.)=\"{name}\"]"))).await;
    }

    /// Follows the link of this name in the page's own part, and waits for where it leads.
    pub async fn follow(&self, name: &str) {
        self.leave(By::XPath(format!("//main//a[normalize-space(.)=\"{name}\"]"))).await;
    }

    /// Follows the link that a selector finds, and waits for where it leads.
    pub async fn leave_by(&self, css: &str) {
        self.leave(By::Css(css.to_owned())).await;
    }

    /// Clicks on what leads elsewhere, and waits until the page shown is another: the one before may say the same.
    async fn leave(&self, way: By) {
        const ARRIVED: &str = "return document.readyState === 'complete' && !document.documentElement.dataset.left;";
        let query = self.driver.query(way.clone()).wait(WAIT, Duration::from_millis(50));
        let Ok(element) = query.first().await else { panic!("{way} is not on {}", self.path().await) };
        self.run("document.documentElement.dataset.left = 'true';").await;
        element.scroll_into_view().await.unwrap();
        element.click().await.unwrap();
        for _ in 0..200 {
            // Between two pages there is no document to ask.
            if self.driver.execute(ARRIVED, vec![]).await.is_ok_and(|it| it.json() == true) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{way} leads nowhere from {}", self.path().await);
    }

    /// What the page shown gives the printer, on A4: its text, and how many sheets. The file stays under target/tmp, to
    /// be looked at.
    pub async fn printed(&self, name: &str) -> (String, usize) {
        let asked = json!({ "preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69 });
        let printed = self.command("Page.printToPDF", asked).await;
        let bytes = BASE64_STANDARD.decode(printed["data"].as_str().unwrap()).unwrap();
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
        std::fs::write(&file, bytes).unwrap();
        let read = Command::new("pdftotext").arg("-layout").arg(&file).arg("-").output().await;
        let read = read.expect("pdftotext is missing: run `make test`");
        assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
        let text = String::from_utf8(read.stdout).unwrap();
        // Each sheet ends with a form feed.
        let sheets = text.matches('\u{c}').count();
        (text.split_whitespace().collect::<Vec<_>>().join(" "), sheets)
    }

    /// Waits until what a selector finds says this.
    pub async fn wait_for(&self, css: &str, text: &str) {
        let mut seen = Vec::new();
        for _ in 0..200 {
            seen = self.texts(css).await;
            if seen.iter().any(|one| one.contains(text)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{css} does not say « {text} » on {} but {seen:?}", self.path().await);
    }

    /// What an address of the house answers to the page shown, as text.
    pub async fn fetch(&self, path: &str) -> String {
        const FETCH: &str = "const [path, done] = arguments; fetch(path).then((it) => it.text()).then(done);";
        let answer = self.driver.execute_async(FETCH, vec![json!(path)]).await.unwrap();
        answer.convert::<String>().unwrap()
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }

    /// Asks something of the browser itself, by the developer tools' protocol.
    pub async fn command(&self, command: &str, params: Value) -> Value {
        Cdp::new(self.driver.handle().clone()).send_raw(command, params).await.unwrap()
    }

    /// Whether pages run their scripts: the developer tools' own switch. The tests' scripts run all the same, but nothing
    /// they leave for later (a timer, a promise) does.
    async fn scripting(&self, on: bool) {
        self.command("Emulation.setScriptExecutionDisabled", json!({ "value": !on })).await;
    }

    /// The width of another screen, or this one's own again.
    pub async fn width(&self, width: Option<u32>) {
        match width {
            Some(width) => {
                let metrics = json!({ "width": width, "height": 800, "deviceScaleFactor": 1, "mobile": false });
                self.command("Emulation.setDeviceMetricsOverride", metrics).await
            }
            None => self.command("Emulation.clearDeviceMetricsOverride", json!({})).await,
        };
    }

    /// Dark or light.
    pub async fn dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        // Without motion: a colour on its way from one to the other is not what a person reads.
        let features = json!({ "features": [
            { "name": "prefers-color-scheme", "value": scheme },
            { "name": "prefers-reduced-motion", "value": "reduce" },
        ] });
        self.command("Emulation.setEmulatedMedia", features).await;
    }

    /// Opens all that is folded.
    pub async fn unfold(&self) {
        self.run("document.querySelectorAll('main details').forEach((it) => { it.open = true; });").await;
    }

    /// What axe-core finds wrong with the page shown, one line each.
    pub async fn violations(&self) -> Vec<String> {
        const RUN: &str = "const done = arguments[0];
            axe.run(document, { resultTypes: ['violations'] }).then(
                ({ violations }) => done(violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.length}): ` +
                    nodes.slice(0, 3).map((node) => `${node.html.slice(0, 120)} ${node.any[0]?.message ?? ''}`).join(' … '))),
                (error) => done([`axe: ${error}`]));";
        if self.run("return typeof axe;").await != "object" {
            self.driver.execute(&*self.axe, vec![]).await.unwrap();
        }
        // A page that was loaded without its scripts does not get them back by this.
        self.scripting(true).await;
        let found = self.driver.execute_async(RUN, vec![]).await.unwrap();
        self.scripting(self.scripts).await;
        let path = self.path().await;
        found.convert::<Vec<String>>().unwrap().into_iter().map(|line| format!("{path}: {line}")).collect()
    }

    /// Fails on anything that axe-core finds.
    pub async fn accessible(&self) {
        let found = self.violations().await;
        assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    }

    /// What sticks out of a screen of this width, one line each.
    pub async fn overflow(&self, width: u32) -> Vec<String> {
        const LOOK: &str = "const [asked] = arguments, width = document.scrollingElement.scrollWidth;
            if (innerWidth !== asked) return [`is ${innerWidth} px wide and not ${asked}`];
            if (width <= asked) return [];
            const wide = [...document.body.querySelectorAll('*')]
                .filter((it) => it.getBoundingClientRect().right > asked + 0.5 && !it.closest('.scroll, .sr'))
                .slice(-3).map((it) => it.outerHTML.slice(0, 120));
            return [`scrolls sideways at ${asked} px, ${width} px wide: ${wide.join(' … ')}`];";
        self.width(Some(width)).await;
        let found = self.driver.execute(LOOK, vec![json!(width)]).await.unwrap();
        let path = self.path().await;
        found.convert::<Vec<String>>().unwrap().into_iter().map(|line| format!("{path}: {line}")).collect()
    }
}
