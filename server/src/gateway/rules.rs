//! What the gateway decides: a pure function of what it has answered before.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use waybill::ids::OperationId;
use waybill::payments::{GatewayAnswer, GatewayRequest, OperationKind, Verdict};

/// One line of the journal: a request and what was decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub request: GatewayRequest,
    pub answer: GatewayAnswer,
    /// When a pending decision falls.
    pub decides_at: Option<DateTime<Utc>>,
}

/// The bank takes this long over `tok_late`.
const LATE: TimeDelta = TimeDelta::seconds(3);

/// Everything answered so far.
#[derive(Debug, Default)]
pub struct Book {
    entries: HashMap<OperationId, Entry>,
    /// Authorisation's reference → (authorised, captured, voided).
    holds: HashMap<String, (i64, i64, bool)>,
}

impl Book {
    /// The answer given before to this key, as it stands now.
    pub fn known(&self, key: OperationId, now: DateTime<Utc>) -> Option<GatewayAnswer> {
        let entry = self.entries.get(&key)?;
        let mut answer = entry.answer.clone();
        if entry.decides_at.is_some_and(|at| at <= now) {
            answer.verdict = Verdict::Succeeded;
        }
        Some(answer)
    }

    /// Decides a new request. Nothing is remembered until [`Book::keep`].
    pub fn decide(&self, request: &GatewayRequest, now: DateTime<Utc>) -> Entry {
        let mut decides_at = None;
        let reference = request.reference.clone().unwrap_or_default();
        let hold = self.holds.get(&reference).copied();
        let declined = |why: &str| (Verdict::Declined, None, Some(why.to_owned()));
        let (verdict, reference, reason) = match (request.kind, request.token.as_deref(), hold) {
            (OperationKind::Authorise, Some("tok_ok" | "tok_slow"), _) => (Verdict::Succeeded, Some(format!("auth_{}", request.key)), None),
            (OperationKind::Authorise, Some("tok_late"), _) => {
                decides_at = Some(now + LATE);
                (Verdict::Pending, Some(format!("auth_{}", request.key)), None)
            }
            // A bank that never decides: the order expires by itself.
            (OperationKind::Authorise, Some("tok_undecided"), _) => (Verdict::Pending, Some(format!("auth_{}", request.key)), None),
            (OperationKind::Authorise, Some("tok_declined"), _) => declined("The bank declined the card."),
            (OperationKind::Authorise, _, _) => declined("The card is unknown."),
            (OperationKind::Capture, _, Some((authorised, captured, false))) if captured + request.amount_minor <= authorised => {
                (Verdict::Succeeded, Some(reference), None)
            }
            (OperationKind::Capture, _, Some(_)) => declined("More than is authorised."),
            (OperationKind::Void, _, Some((_, 0, _))) => (Verdict::Succeeded, Some(reference), None),
            (OperationKind::Void, _, Some(_)) => declined("Something was captured already."),
            (OperationKind::Refund, _, Some((_, captured, _))) if request.amount_minor <= captured => (Verdict::Succeeded, Some(reference), None),
            (OperationKind::Refund, _, Some(_)) => declined("More than was captured."),
            (_, _, None) => declined("The authorisation is unknown."),
        };
        Entry { request: request.clone(), answer: GatewayAnswer { key: request.key, verdict, reference, reason }, decides_at }
    }

    /// Takes an entry in, from the journal or just decided.
    pub fn keep(&mut self, entry: Entry) {
        if entry.answer.verdict != Verdict::Declined
            && let Some(reference) = &entry.answer.reference
        {
            let hold = self.holds.entry(reference.clone()).or_insert((0, 0, false));
            match entry.request.kind {
                OperationKind::Authorise => hold.0 = entry.request.amount_minor,
                OperationKind::Capture => hold.1 += entry.request.amount_minor,
                OperationKind::Refund => hold.1 -= entry.request.amount_minor,
                OperationKind::Void => hold.2 = true,
            }
        }
        self.entries.insert(entry.request.key, entry);
    }

    /// Late decisions that fall after `now`: after a restart they are still to be reported.
    pub fn undecided(&self, now: DateTime<Utc>) -> Vec<(OperationId, DateTime<Utc>)> {
        self.entries.values().filter_map(|e| e.decides_at.filter(|at| *at > now).map(|at| (e.request.key, at))).collect()
    }

    /// Authorisations that were granted, for tests and reconciliation.
    pub fn authorisations(&self) -> usize {
        self.entries
            .values()
            .filter(|e| e.request.kind == OperationKind::Authorise && (e.answer.verdict == Verdict::Succeeded || e.decides_at.is_some()))
            .count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn request(n: u128, kind: OperationKind, amount_minor: i64, token: Option<&str>, reference: Option<&str>) -> GatewayRequest {
        GatewayRequest {
            key: OperationId(Uuid::from_u128(n)),
            kind,
            amount_minor,
            currency: "GBP".to_owned(),
            token: token.map(str::to_owned),
            reference: reference.map(str::to_owned),
        }
    }

    #[test]
    fn captures_never_exceed_the_authorisation() {
        let (mut book, now) = (Book::default(), DateTime::UNIX_EPOCH);
        let authorised = book.decide(&request(1, OperationKind::Authorise, 100, Some("tok_ok"), None), now);
        let reference = authorised.answer.reference.clone();
        book.keep(authorised);
        let first = book.decide(&request(2, OperationKind::Capture, 60, None, reference.as_deref()), now);
        assert_eq!(first.answer.verdict, Verdict::Succeeded);
        book.keep(first);
        assert_eq!(book.decide(&request(3, OperationKind::Capture, 41, None, reference.as_deref()), now).answer.verdict, Verdict::Declined);
        assert_eq!(book.decide(&request(4, OperationKind::Capture, 40, None, reference.as_deref()), now).answer.verdict, Verdict::Succeeded);
        assert_eq!(book.decide(&request(5, OperationKind::Void, 100, None, reference.as_deref()), now).answer.verdict, Verdict::Declined);
    }

    #[test]
    fn a_late_bank_decides_by_itself() {
        let (mut book, now) = (Book::default(), DateTime::UNIX_EPOCH);
        let late = book.decide(&request(1, OperationKind::Authorise, 100, Some("tok_late"), None), now);
        book.keep(late);
        let key = OperationId(Uuid::from_u128(1));
        assert_eq!(book.known(key, now).unwrap().verdict, Verdict::Pending);
        assert_eq!(book.known(key, now + LATE).unwrap().verdict, Verdict::Succeeded);
        assert_eq!(book.undecided(now), [(key, now + LATE)]);
    }
}
