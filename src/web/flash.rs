//! The sentence announced by the page that follows a redirect.
//!
//! It travels in a short-lived cookie as a word of a fixed vocabulary, never as text: nobody can make a page of ours
//! say what they like. The next page reads it ([`Announced`]) and [`clear`] takes it back.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::Cookie;

use super::page::Flash;
use super::{App, Settings, cookie, is_htmx};
use crate::words;

const COOKIE: &str = "cpom_flash";
/// Long enough for a slow redirect, short enough not to surprise.
const AGE: Duration = Duration::from_mins(1);

words! {
    /// What was just done. A room that redirects adds its own line here and its sentence below.
    pub enum Done {
        /// The visitor left.
        SignedOut = "deconnexion",
        /// The visitor left on every device.
        SignedOutEverywhere = "deconnexion-partout",
        /// The password changed.
        PasswordChanged = "mot-de-passe-change",
        /// A first password, or a new one, was chosen through a link.
        PasswordChosen = "mot-de-passe-choisi",
        /// A role was given.
        Granted = "droit-ajoute",
        /// A role was taken back.
        Revoked = "droit-retire",
        /// An account was closed to its holder.
        Suspended = "compte-suspendu",
        /// An account was opened again.
        Reinstated = "compte-retabli",
        /// A director gave a part of the entry to someone.
        Delegated = "delegation-ajoutee",
        /// And took it back.
        DelegationEnded = "delegation-terminee",
        /// A post line was corrected.
        PostSaved = "poste-enregistre",
        /// A post has come further, or was given up.
        PostRealised = "realisation-enregistree",
        /// The confidential fields of a post were written.
        PostConfidentialSaved = "confidentiel-enregistre",
        /// A form said what was there already.
        NothingChanged = "rien-change",
        /// A jalon is reached.
        JalonReached = "jalon-atteint",
        /// A jalon is given up.
        JalonAbandoned = "jalon-abandonne",
        /// A jalon is put off.
        JalonPostponed = "jalon-reporte",
        /// Where a jalon is was said.
        JalonProgressed = "jalon-avance",
        /// A dated decision was added to a ledger.
        Decided = "decision-enregistree",
        /// Where a condition stands was said.
        ConditionSaid = "condition-enregistree",
        /// An avis was given.
        OpinionGiven = "avis-enregistre",
        /// A demand was made.
        DemandAdded = "demande-ajoutee",
        /// A demand was amended.
        DemandAmended = "demande-modifiee",
        /// A demand was withdrawn.
        DemandWithdrawn = "demande-retiree",
        /// Finance costed a demand.
        DemandCosted = "demande-chiffree",
        /// A post line was created.
        PostCreated = "poste-cree",
        /// A post line was removed.
        PostRemoved = "poste-supprime",
        /// A scheduled amount was written or taken away.
        Scheduled = "echeancier-enregistre",
        /// Someone takes reminders by mail.
        RemindersWanted = "rappels-voulus",
        /// Someone takes none any more.
        RemindersStopped = "rappels-arretes",
        /// A reminder leaves again at the next round.
        ReminderBack = "rappel-a-reprendre",
        /// A message for trial left.
        TrialSent = "essai-envoye",
        /// An avenant is being prepared.
        AvenantPrepared = "avenant-prepare",
        /// Its content, or a change of it, was written.
        AvenantSaved = "avenant-enregistre",
        /// The same, and the accords given before hold no more.
        AvenantReopened = "avenant-accords-annules",
        /// One of the two parties agreed.
        AvenantAgreed = "avenant-accorde",
        /// And took its accord back.
        AvenantWithdrawn = "avenant-accord-retire",
        /// An avenant was given up.
        AvenantAbandoned = "avenant-abandonne",
        /// A step of an adoption was written.
        StepSaved = "etape-enregistree",
        /// A step of an adoption was taken away.
        StepRemoved = "etape-retiree",
        /// A réserve was settled.
        ReserveSettled = "reserve-reglee",
        /// And opened again.
        ReserveReopened = "reserve-rouverte",
        /// A campaign is open.
        CampaignOpened = "campagne-ouverte",
        /// The threshold of a campaign changed.
        ThresholdSet = "seuil-enregistre",
        /// The dialogue of a plan that came late is open.
        DialogueOpened = "dialogue-ouvert",
        /// A structure has more time.
        Extended = "delai-accorde",
        /// A cell is asked, or not asked any more.
        ExpectedAdjusted = "situations-ajustees",
        /// A campaign is, or is not, the last of a plan.
        FinalSet = "derniere-campagne",
        /// A dialogue was submitted.
        DialogueSubmitted = "dialogue-soumis",
        /// A submission was taken back.
        DialogueRecalled = "dialogue-rappele",
        /// A dialogue is being read.
        DialogueInReview = "dialogue-en-revue",
        /// A dialogue was sent back.
        DialogueReturned = "dialogue-retourne",
        /// A dialogue was validated.
        DialogueValidated = "dialogue-valide",
        /// A dialogue was opened again.
        DialogueReopened = "dialogue-rouvert",
        /// A dialogue is over.
        DialogueClosed = "dialogue-clos",
        /// A meeting asks someone to do something.
        FollowupAdded = "suite-ajoutee",
        /// What it asks was corrected.
        FollowupCorrected = "suite-corrigee",
        /// Where it stands was said.
        FollowupSaid = "suite-dite",
        /// The establishment, its framework or a structure was written.
        GroundSaved = "etablissement-enregistre",
        /// A row of the framework was taken away.
        RowRemoved = "ligne-retiree",
        /// A draft begins.
        DraftBegun = "brouillon-commence",
        /// An element of a draft was written.
        ElementSaved = "element-enregistre",
        /// An element of a draft was moved.
        ElementMoved = "element-deplace",
        /// An element of a draft was taken away.
        ElementRemoved = "element-retire",
        /// A draft became a contract.
        Signed = "contrat-signe",
    }
}

impl Done {
    /// The sentence.
    const fn sentence(self) -> &'static str {
        match self {
            Self::SignedOut => "Votre session est fermée.",
            Self::SignedOutEverywhere => "Toutes vos sessions sont fermées.",
            Self::PasswordChanged => "Mot de passe changé. Vos autres sessions sont fermées.",
            Self::PasswordChosen => "Mot de passe enregistré. Vous pouvez vous connecter.",
            Self::Granted => "Droit ajouté.",
            Self::Revoked => "Droit retiré.",
            Self::Suspended => "Compte suspendu. Ses sessions sont fermées.",
            Self::Reinstated => "Compte rétabli.",
            Self::Delegated => "Délégation enregistrée.",
            Self::DelegationEnded => "Délégation terminée.",
            Self::PostSaved => "Poste enregistré.",
            Self::PostRealised => "Réalisation enregistrée.",
            Self::PostConfidentialSaved => "Champs confidentiels enregistrés.",
            Self::NothingChanged => "Rien n’a changé : rien n’était à enregistrer.",
            Self::JalonReached => "Jalon enregistré comme atteint.",
            Self::JalonAbandoned => "Jalon enregistré comme abandonné.",
            Self::JalonPostponed => "Report enregistré. La première échéance reste visible.",
            Self::JalonProgressed => "Avancement du jalon enregistré.",
            Self::Decided => "Décision enregistrée. Les précédentes restent dans l’historique.",
            Self::ConditionSaid => "État de la condition enregistré. Les totaux fermes et conditionnels suivent.",
            Self::OpinionGiven => "Avis enregistré. Il ne change rien par lui-même.",
            Self::DemandAdded => "Demande ajoutée. Elle attend une décision.",
            Self::DemandAmended => "Demande modifiée. L’original reste visible, et elle attend une décision.",
            Self::DemandWithdrawn => "Demande retirée. Elle reste listée, hors des sommes.",
            Self::DemandCosted => "Chiffrage enregistré, à côté de ce qui est demandé.",
            Self::PostCreated => "Poste créé.",
            Self::PostRemoved => "Poste supprimé. Le journal le garde.",
            Self::Scheduled => "Montant enregistré. L’ancien reste dans l’historique.",
            Self::RemindersWanted => "Vous recevrez les rappels par courriel.",
            Self::RemindersStopped => "Vous ne recevrez plus de rappel par courriel.",
            Self::ReminderBack => "Le courriel repart à la prochaine tournée.",
            Self::TrialSent => "Courriel d’essai accepté par le serveur de courrier.",
            Self::AvenantPrepared => "Avenant préparé. Ajoutez-lui ce qu’il change.",
            Self::AvenantSaved => "Avenant enregistré.",
            Self::AvenantReopened => "Avenant enregistré. Les accords déjà donnés sont annulés : ils sont à redonner.",
            Self::AvenantAgreed => "Accord enregistré.",
            Self::AvenantWithdrawn => "Accord retiré.",
            Self::AvenantAbandoned => "Avenant abandonné. Il reste visible, avec sa raison.",
            Self::StepSaved => "Étape d’adoption enregistrée.",
            Self::StepRemoved => "Étape d’adoption retirée. Le journal la garde.",
            Self::ReserveSettled => "Réserve réglée. La direction en est informée sur son accueil.",
            Self::ReserveReopened => "Réserve rouverte. La lecture d’abord en usage sert à nouveau.",
            Self::CampaignOpened => "Campagne ouverte.",
            Self::ThresholdSet => "Seuil enregistré.",
            Self::DialogueOpened => "Dialogue ouvert.",
            Self::Extended => "Délai enregistré. La direction le voit sur son accueil.",
            Self::ExpectedAdjusted => "Liste des situations attendues ajustée.",
            Self::FinalSet => "Enregistré.",
            Self::DialogueSubmitted => "Dialogue soumis au directoire. Ce qu’il a reçu est figé.",
            Self::DialogueRecalled => "Soumission rappelée. Vous pouvez de nouveau modifier votre saisie.",
            Self::DialogueInReview => "Dialogue en revue.",
            Self::DialogueReturned => "Dialogue retourné à la direction, avec le motif.",
            Self::DialogueValidated => "Dialogue validé.",
            Self::DialogueReopened => "Dialogue rouvert. La réouverture reste visible.",
            Self::DialogueClosed => "Dialogue clos.",
            Self::FollowupAdded => "Suite ajoutée au relevé. La direction la voit sur son accueil.",
            Self::FollowupCorrected => "Suite corrigée.",
            Self::FollowupSaid => "Suite mise à jour.",
            Self::GroundSaved => "Enregistré, pour tous les contrats.",
            Self::RowRemoved => "Ligne du cadre retirée.",
            Self::DraftBegun => "Brouillon commencé. Il n’est vu que du pilotage, du directoire et de sa direction.",
            Self::ElementSaved => "Enregistré dans le brouillon.",
            Self::ElementMoved => "Déplacé.",
            Self::ElementRemoved => "Retiré du brouillon.",
            Self::Signed => "Contrat signé. Ses définitions ne changent plus que par avenant.",
        }
    }

    /// As a page announces it.
    fn flash(self) -> Flash {
        Flash::success(self.sentence())
    }
}

/// The cookie that carries it, for a handler that sets other cookies too.
pub fn carry(settings: &Settings, done: Done) -> Cookie<'static> {
    Cookie::build(cookie::cookie(settings, COOKIE, done.word())).max_age(AGE.try_into().unwrap_or_default()).build()
}

/// Redirects and announces.
pub fn redirect(settings: &Settings, done: Done, to: &str) -> Response {
    (CookieJar::new().add(carry(settings, done)), Redirect::to(to)).into_response()
}

/// What the previous page left to say.
pub struct Announced(pub Option<Flash>);

impl FromRequestParts<App> for Announced {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Infallible> {
        Ok(Self(read(&app.settings, &parts.headers)))
    }
}

/// Reads the word, and nothing that is not one.
fn read(settings: &Settings, headers: &HeaderMap) -> Option<Flash> {
    let jar = CookieJar::from_headers(headers);
    jar.get(&cookie::name(settings, COOKIE)).and_then(|cookie| Done::from_word(cookie.value())).map(Done::flash)
}

/// Takes the word back once a whole page was shown; a redirect on the way, a file or a fragment leaves it.
pub async fn clear(State(app): State<App>, request: Request, next: Next) -> Response {
    let carried = CookieJar::from_headers(request.headers()).get(&cookie::name(&app.settings, COOKIE)).is_some()
        && !is_htmx(request.headers());
    let mut response = next.run(request).await;
    let is_page = response
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("text/html"));
    if carried
        && is_page
        && let Ok(value) = HeaderValue::from_str(&cookie::removal(&app.settings, COOKIE).to_string())
    {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
