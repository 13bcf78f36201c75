//! What a scanner, or somebody at a keyboard, put in: one code a line.

use super::MOST_UNITS;
use crate::refusal::FieldProblem;

/// More lines than anybody scans in one go.
pub const MOST: usize = 2_000;

/// Reads codes with their quantities, in the order in which they first appear. A line is a code, which counts one, or a code and a quantity
/// behind a space, a tab, a comma or a semicolon. The same code again adds up. `least` is the smallest quantity that makes sense; `field` is where
/// problems are said to be.
pub fn read_scans(field: &str, text: &str, least: i32) -> Result<Vec<(String, i32)>, Vec<FieldProblem>> {
    let mut scans: Vec<(String, i32)> = Vec::new();
    let mut problems = Vec::new();
    let mut wrong = |message: String| problems.push(FieldProblem { field: field.to_owned(), message });
    for (number, line) in (1..).zip(text.lines()) {
        let mut parts = line.split([' ', '\t', ',', ';']).filter(|p| !p.is_empty());
        let Some(code) = parts.next() else { continue };
        let quantity = match (parts.next(), parts.next()) {
            (None, _) => Some(1),
            (Some(quantity), None) => quantity.parse::<i32>().ok().filter(|n| (least..=MOST_UNITS).contains(n)),
            (Some(_), Some(_)) => None,
        };
        let Some(quantity) = quantity else {
            wrong(format!("Line {number}, “{}”: write a code, or a code and how many, such as LI100 3.", line.trim()));
            continue;
        };
        match scans.iter_mut().find(|s| s.0 == code) {
            Some(scan) => scan.1 = scan.1.saturating_add(quantity),
            None => scans.push((code.to_owned(), quantity)),
        }
    }
    if scans.len() > MOST {
        wrong(format!("These are more than {MOST} different codes. Do it in parts."));
    }
    if problems.is_empty() { Ok(scans) } else { Err(problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scans_add_up() {
        let read = read_scans("/lines", "LI100\nLI100 2\r\n\nKI104\t7\n00123; 1\n", 1).unwrap();
        assert_eq!(read, [("LI100".to_owned(), 3), ("KI104".to_owned(), 7), ("00123".to_owned(), 1)]);
        assert_eq!(read_scans("/lines", "", 1).unwrap(), []);
        let wrong = read_scans("/lines", "LI100 many\nLI100 0\nA B 3", 1).unwrap_err();
        assert_eq!(wrong.len(), 3);
        assert_eq!(read_scans("/lines", "LI100 0", 0).unwrap(), [("LI100".to_owned(), 0)], "a count may find none");
        assert!(wrong[0].message.starts_with("Line 1, “LI100 many”"));
    }
}
