//! A mail with words of your own goes to people of yours.

use super::{ActionKind, Besides, Blank, Decision, Filled, Fills, Role, WrongFill};
use crate::routing::RuleOutcome;

pub(super) static KIND: ActionKind = ActionKind {
    code: "notify",
    name: "write to your people",
    help: "A mail with words of your own and the order’s number goes to an address of yours. Customers see nothing of it.",
    says: "write “{words}” to {to}",
    role: Role::Besides,
    after: &[RuleOutcome::Full, RuleOutcome::Partial, RuleOutcome::Nothing],
    blanks: &[Blank { name: "to", label: "address", filled: Filled::Text }, Blank { name: "words", label: "words", filled: Filled::Text }],
    ready,
};

fn ready(fills: &Fills<'_>, decision: &mut Decision) -> Result<(), WrongFill> {
    let to = fills.text("to", 120)?;
    let is_address = to.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.')) && !to.contains(char::is_whitespace);
    if !is_address {
        return Err(("to".to_owned(), "Give an e-mail address, such as stock@example.com.".to_owned()));
    }
    decision.besides.push(Besides::Notify { to, words: fills.text("words", 200)? });
    Ok(())
}
