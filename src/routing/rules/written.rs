//! How questions are written: `{"fact": "channel", "one_of": ["web"]}`. One of five ways of asking, and nothing that is not known.

use super::{Asks, Filter, LinesTest, Scope, Test};
use serde::{Deserialize, Serialize};

/// A question of any kind, as it is written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    /// Of lines: for how many of them it has to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<Scope>,
    fact: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    one_of: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    none_of: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_least: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    at_most: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    is: Option<bool>,
    /// Of demands on locations; they are hard where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hard: Option<bool>,
}

/// The question itself; or what is wrong with how it is written.
fn asked(written: Written) -> Result<Test, String> {
    let Written { fact, one_of, none_of, at_least, at_most, is, .. } = written;
    let ways = [one_of.map(Asks::OneOf), none_of.map(Asks::NoneOf), at_least.map(Asks::AtLeast), at_most.map(Asks::AtMost), is.map(Asks::Is)];
    let mut ways = ways.into_iter().flatten();
    match (ways.next(), ways.next()) {
        (Some(asks), None) => Ok(Test { fact, asks }),
        _ => Err(format!("ask about “{fact}” in one way: one_of, none_of, at_least, at_most or is. Two demands are two questions")),
    }
}

impl TryFrom<Written> for Test {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match (written.of, written.hard) {
            (None, None) => asked(written),
            _ => Err(format!("“of” is for questions about lines and “hard” for demands on locations; “{}” is neither", written.fact)),
        }
    }
}

impl TryFrom<Written> for LinesTest {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match (written.of, written.hard) {
            (Some(of), None) => Ok(Self { of, test: asked(written)? }),
            _ => Err(format!("a question about lines says “of”: any, all or none, of “{}”", written.fact)),
        }
    }
}

impl TryFrom<Written> for Filter {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        match written.of {
            None => Ok(Self { hard: written.hard.unwrap_or(true), test: asked(written)? }),
            Some(_) => Err(format!("“of” is for questions about lines; “{}” is asked of a location", written.fact)),
        }
    }
}

impl From<Test> for Written {
    fn from(test: Test) -> Self {
        let mut written = Self { fact: test.fact, ..Self::default() };
        match test.asks {
            Asks::OneOf(words) => written.one_of = Some(words),
            Asks::NoneOf(words) => written.none_of = Some(words),
            Asks::AtLeast(number) => written.at_least = Some(number),
            Asks::AtMost(number) => written.at_most = Some(number),
            Asks::Is(yes) => written.is = Some(yes),
        }
        written
    }
}

impl From<LinesTest> for Written {
    fn from(lines: LinesTest) -> Self {
        Self { of: Some(lines.of), ..lines.test.into() }
    }
}

impl From<Filter> for Written {
    fn from(filter: Filter) -> Self {
        Self { hard: (!filter.hard).then_some(false), ..filter.test.into() }
    }
}
