//! What a company starts with.

use super::{Action, Allocate, Condition, Fill, Prefer, Preference, Rule, Rules, Step, Test, Then};

/// Takes what was found; the rest waits in a queue.
pub fn assign(rest: &str) -> Step {
    Step::only(Action::plain("assign").with("rest", Fill::Text(rest.to_owned())))
}

/// Takes nothing: the whole order waits in a queue.
pub fn hold(queue: &str) -> Step {
    Step::only(Action::plain("hold").with("queue", Fill::Text(queue.to_owned())))
}

impl Rules {
    /// Collect where the customer chose; else one parcel from the nearest place that has everything; else the fewest parcels; else send what there is.
    pub fn starting() -> Self {
        let nearest = Prefer::Ranked(vec![Preference::in_bands_of("distance", 25.0), Preference::by("stock")]);
        let open = vec![Test::at_least("capacity_left", 1.0).hard()];
        let method = |word| Condition::Order(Test::one_of("method", &[word]));
        let rule = |id: &str, name: &str| Rule { id: id.to_owned(), name: name.to_owned(), candidates: open.clone(), ..Rule::default() };
        Self {
            rules: vec![
                Rule {
                    when: method("pickup"),
                    allocate: Allocate::one(),
                    then: Then { full: assign("unfillable"), partial: hold("unfillable"), none: hold("unfillable") },
                    ..rule("collect", "Collect where the customer chose")
                },
                Rule {
                    when: method("ship"),
                    prefer: nearest.clone(),
                    allocate: Allocate::one(),
                    then: Then { full: assign("unfillable"), ..Then::default() },
                    ..rule("one-parcel", "One parcel from the nearest")
                },
                Rule {
                    when: method("ship"),
                    prefer: nearest,
                    then: Then { full: assign("unfillable"), partial: assign("backorder"), none: hold("unfillable") },
                    ..rule("few-parcels", "As few parcels as it takes")
                },
            ],
            ..Self::default()
        }
    }
}
