//! One round: what leaves today is taken in hand, then sent, a message at a time.
//!
//! A server that dies between the two leaves a row « en cours »; after a while any round names it doubtful, and nobody
//! sends it again but a person who decides to. At most once is the promise: a reminder may be lost, and the inbox
//! still holds what it recalled; it is never sent twice.

use sqlx::{Connection, PgConnection};
use tokio::sync::watch;

use super::model::{self, Fate, Key, MailState, Round, Task};
use super::reading::Reading;
use super::schedule::{self, EVERY, TOO_OLD};
use super::store::{self, Hold};
use super::views::Letter;
use crate::accounts::model::User;
use crate::mail::{Failure, Message, Relay, Session};
use crate::web::{App, Result};

/// Rounds until told to stop, in office hours; what a round could not do, the next one takes up.
pub async fn keep(app: App, mut stop: watch::Receiver<bool>) {
    let mut tick = tokio::time::interval(EVERY.to_std().unwrap_or_default());
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = tick.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        // In a task of its own: were a round to panic, the next one would still come.
        let (app, stop) = (app.clone(), stop.clone());
        let ended = tokio::spawn(async move {
            if schedule::is_open(app.clock.now()) {
                return run(&app, &stop).await.map(Some);
            }
            store::sweep(&mut *app.conn().await?, app.clock.now(), app.clock.today()).await?;
            Ok(None)
        });
        match ended.await {
            Ok(Ok(Some(round))) => tracing::info!(sent = round.sent, failed = round.failed, "reminders"),
            Ok(Ok(None)) => {}
            Ok(Err(error)) => tracing::error!(%error, "reminders: the round failed"),
            Err(error) => tracing::error!(%error, "reminders: the round panicked"),
        }
    }
}

/// What a round would send first: for each person, the letter.
pub async fn preview(app: &App) -> Result<Vec<(User, Letter)>> {
    let mut conn = app.conn().await?;
    let reading = Reading::take(&mut conn, &app.clock).await?;
    let due = due(&mut conn, app, &reading).await?;
    Ok(due.into_iter().map(|(user, tasks)| (user.clone(), letter(app, &reading, user, tasks))).collect())
}

/// One round, now. Nothing is taken in hand before the mail server has answered: while it is away, nothing is lost.
pub async fn run(app: &App, stop: &watch::Receiver<bool>) -> Result<Round> {
    let Some(relay) = &app.settings.mail else { return Ok(Round::default()) };
    let mut conn = app.conn().await?;
    let now = app.clock.now();
    store::sweep(&mut conn, now, app.clock.today()).await?;
    let reading = Reading::take(&mut conn, &app.clock).await?;
    let due = due(&mut conn, app, &reading).await?;
    let mut round = Round::default();
    if !due.is_empty() || store::has_more(&mut conn, now).await? {
        match Session::open(relay).await {
            Ok(session) => {
                let mut post = Post { app, relay, reading: &reading, session, round, stop };
                post.new_ones(&mut conn, due).await?;
                post.again(&mut conn).await?;
                round = post.round;
                post.session.close().await;
            }
            Err(failure) => round.problem = Some(failure.to_string()),
        }
    }
    if let Some(problem) = &round.problem {
        tracing::warn!(%problem, relay = %relay, "reminders: the round stopped short");
    }
    store::note_round(&mut conn, &round, now).await?;
    Ok(round)
}

/// For each person, what leaves today and was not taken in hand yet.
async fn due<'a>(
    conn: &mut PgConnection,
    app: &App,
    reading: &'a Reading,
) -> Result<Vec<(&'a User, Vec<(Task, Key)>)>> {
    let today = app.clock.today();
    let taken = store::taken(conn, today - chrono::TimeDelta::days(TOO_OLD)).await?;
    let due = reading.people.iter().map(|user| {
        let tasks = reading.tasks(user, &app.clock);
        (user, model::due(tasks, today, |key| taken.contains(&(user.account_id, key.clone()))))
    });
    Ok(due.filter(|(_, tasks)| !tasks.is_empty()).collect())
}

fn letter(app: &App, reading: &Reading, user: &User, tasks: Vec<(Task, Key)>) -> Letter {
    let tasks = tasks.into_iter().map(|(task, _)| task).collect();
    Letter::new(reading.establishment(), &app.settings.public_url, user, tasks, app.clock.today())
}

/// A round with its conversation open.
struct Post<'a> {
    app: &'a App,
    relay: &'a Relay,
    reading: &'a Reading,
    session: Session,
    round: Round,
    stop: &'a watch::Receiver<bool>,
}

impl Post<'_> {
    /// The server stops, or the mail server does not want us: what is left waits for the next round.
    fn is_over(&self) -> bool {
        *self.stop.borrow() || self.round.problem.is_some()
    }

    async fn new_ones(&mut self, conn: &mut PgConnection, due: Vec<(&User, Vec<(Task, Key)>)>) -> Result<()> {
        let (now, today) = (self.app.clock.now(), self.app.clock.today());
        for (user, tasks) in due {
            if self.is_over() {
                break;
            }
            let keys: Vec<&Key> = tasks.iter().map(|(_, key)| key).collect();
            let mut tx = conn.begin().await?;
            // Another server has it, or had it today: dropping the transaction leaves no trace of ours.
            let Some(hold) = store::take(&mut tx, user.account_id, today, &keys, now).await? else { continue };
            tx.commit().await?;
            let tasks = tasks.into_iter().filter(|(_, key)| hold.keys.contains(key)).map(|(task, _)| task).collect();
            self.send(conn, &hold, user, tasks).await?;
        }
        Ok(())
    }

    async fn again(&mut self, conn: &mut PgConnection) -> Result<()> {
        let now = self.app.clock.now();
        while !self.is_over() {
            let Some(hold) = store::take_again(conn, now).await? else { break };
            // Counted again: what was done meanwhile is not recalled.
            let found = self.reading.person(hold.account_id).map(|user| {
                let mut tasks = self.reading.tasks(user, &self.app.clock);
                tasks.retain(|task| hold.keys.iter().any(|key| task.is_of(key)));
                (user, tasks)
            });
            match found {
                Some((user, tasks)) if !tasks.is_empty() => self.send(conn, &hold, user, tasks).await?,
                _ => store::settle(conn, hold.id, &Fate::moot(hold.tries), now).await?,
            }
        }
        Ok(())
    }

    async fn send(&mut self, conn: &mut PgConnection, hold: &Hold, user: &User, tasks: Vec<Task>) -> Result<()> {
        let (now, today) = (self.app.clock.now(), self.app.clock.today());
        let url = &self.app.settings.public_url;
        let letter = Letter::new(self.reading.establishment(), url, user, tasks, today);
        let message = letter.message(format!("rappel-{}-{}", hold.day, hold.id), now)?;
        let answer = self.deliver(&message).await;
        if let Err(Failure::Relay(told)) = &answer {
            self.round.problem = Some(told.clone());
        }
        let fate = Fate::of(answer, hold.tries, now);
        if fate.state == MailState::Sent {
            self.round.sent += 1;
        } else {
            self.round.failed += 1;
        }
        Ok(store::settle(conn, hold.id, &fate, now).await?)
    }

    /// Sends, over a new conversation when the last message broke the present one.
    async fn deliver(&mut self, message: &Message) -> Result<(), Failure> {
        if self.session.is_broken() {
            self.session = Session::open(self.relay).await?;
        }
        self.session.send(message).await
    }
}
