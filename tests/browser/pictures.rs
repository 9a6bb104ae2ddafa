//! The pictures of the help pages and of the README, taken from the application itself.
//!
//! After a change of look: `cargo test --test browser -- --ignored` (with a `DATABASE_URL`), then look at them.

use std::path::Path;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use cpom::accounts::model::Role;
use serde_json::json;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use crate::browser::{Desk, journey};

/// A picture: where it goes, who sees what, from which element down, and how large.
struct Picture {
    file: &'static str,
    role: Role,
    path: &'static str,
    from: &'static str,
    size: (u32, u32),
}

/// Narrow enough that the text of a help page's column and that of its picture are nearly of one size.
const COLUMN: u32 = 980;
/// Beyond it, a help page would weigh on a poor line.
const WEIGHT_MAX: usize = 40_000;

const PICTURES: &[Picture] = &[
    Picture {
        file: "docs/saisie.png",
        role: Role::Director,
        path: "/plans/uca-iut-2021-2026/entry/2026",
        from: "body",
        size: (1200, 760),
    },
    Picture {
        file: "static/help-entry.webp",
        role: Role::Director,
        path: "/plans/uca-iut-2021-2026/entry/2026?show=due",
        from: ".grid",
        // Narrower, the grid becomes a list of cards.
        size: (1080, 420),
    },
    Picture {
        file: "static/help-reading.webp",
        role: Role::Directoire,
        path: "/plans/uca-iut-2021-2026/indicators/17",
        from: ".card",
        size: (COLUMN, 480),
    },
    Picture {
        file: "static/help-admin.webp",
        role: Role::Admin,
        path: "/admin/accounts/2",
        from: ".title",
        size: (COLUMN, 420),
    },
];

#[sqlx::test(migrations = false)]
#[ignore = "writes static/help-*.webp and docs/saisie.png"]
async fn take_the_pictures(_: PgPoolOptions, options: PgConnectOptions) {
    journey(options, take).await;
}

async fn take(desk: Desk) {
    for Picture { file, role, path, from, size: (width, height) } in PICTURES {
        let browser = desk.signed_in(*role, true).await;
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        browser.command("Emulation.setDeviceMetricsOverride", metrics).await;
        browser.command("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        browser.goto(path).await;
        // What stays at the foot of the screen is in the way of a part of the page.
        if *from != "body" {
            browser.run("document.querySelectorAll('.savebar').forEach((it) => it.remove());").await;
        }
        let top = browser
            .run(&format!("return document.querySelector(\"main {from}, {from}\").getBoundingClientRect().top - 16;"))
            .await;
        let clip = json!({ "x": 0, "y": top.as_f64().unwrap().max(0.0), "width": width, "height": height, "scale": 1 });
        let format = Path::new(file).extension().unwrap().to_str().unwrap();
        let mut asked = json!({ "format": format, "clip": clip, "captureBeyondViewport": true });
        if format == "webp" {
            asked["quality"] = json!(60);
        }
        let shot = browser.command("Page.captureScreenshot", asked).await;
        let bytes = BASE64_STANDARD.decode(shot["data"].as_str().unwrap()).unwrap();
        assert!(format == "png" || bytes.len() < WEIGHT_MAX, "{file} weighs {} bytes", bytes.len());
        std::fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(file), bytes).unwrap();
    }
}
