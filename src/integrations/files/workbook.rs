//! Reading and writing tables: CSV (RFC 4180) and XLSX.

use super::TableFormat;
use crate::refusal::{Refusal, Result};
use calamine::{Data, DataRef, Reader as _, Xlsx};
use std::io::Cursor;

/// More rows than one file should have.
pub(super) const MOST_ROWS: usize = 100_000;
const MOST_COLUMNS: usize = 200;
const LONGEST_CELL: usize = 10_000;

/// A heading, and rows of as many cells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub header: Vec<String>,
    /// Each with its line in the file; empty rows are left out.
    pub rows: Vec<(i32, Vec<String>)>,
}

/// Reads a file. The first row is its heading.
pub fn read(file_name: &str, bytes: &[u8]) -> Result<Table, Refusal> {
    let wrong = |message: String| Refusal::field("/file", message);
    let lines = if file_name.to_ascii_lowercase().ends_with(".xlsx") { read_xlsx(bytes).map_err(wrong)? } else { read_csv(bytes).map_err(wrong)? };
    let mut lines = lines.into_iter();
    let header: Vec<String> = lines.next().map(|l| l.1).unwrap_or_default();
    if header.iter().all(|h| h.is_empty()) {
        return Err(wrong("The first row has no headings. Put the names of the columns there.".to_owned()));
    }
    if header.len() > MOST_COLUMNS {
        return Err(wrong(format!("The file has more than {MOST_COLUMNS} columns. Take out those that are not needed.")));
    }
    let mut rows = Vec::new();
    for (line, mut cells) in lines.filter(|l| l.1.iter().any(|c| !c.is_empty())) {
        if cells.iter().skip(header.len()).any(|c| !c.is_empty()) {
            let message = format!(
                "Line {line} has more cells than there are headings. Does a text, or a number, have the sign that stands between cells in it?"
            );
            return Err(wrong(message));
        }
        cells.resize(header.len(), String::new());
        if cells.iter().any(|c| c.chars().count() > LONGEST_CELL) {
            return Err(wrong(format!("Line {line} has a cell of more than 10,000 characters. Shorten it.")));
        }
        rows.push((line, cells));
    }
    match rows.len() {
        0 => Err(wrong("There are no rows under the heading.".to_owned())),
        n if n > MOST_ROWS => Err(wrong("The file has more than 100,000 rows. Bring it in parts.".to_owned())),
        _ => Ok(Table { header, rows }),
    }
}

fn read_csv(bytes: &[u8]) -> Result<Vec<(i32, Vec<String>)>, String> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|_| "The file is not UTF-8 text. Save it as “CSV UTF-8”, or as a workbook (.xlsx).".to_owned())?
        .replace("\r\n", "\n")
        // Old Macintosh files have nothing else.
        .replace('\r', "\n");
    if text.contains('\0') {
        return Err("The file is not UTF-8 text. Save it as “CSV UTF-8”, or as a workbook (.xlsx).".to_owned());
    }
    let heading = text.lines().next().unwrap_or_default();
    let delimiter = [b',', b';', b'\t'].into_iter().max_by_key(|d| heading.bytes().filter(|b| b == d).count()).unwrap_or(b',');
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|e| format!("The file cannot be read: {e}."))?;
        let (byte, line) = record.position().map_or((0, 0), |p| (p.byte(), p.line()));
        // It begins behind the empty lines that the reader has skipped.
        let skipped = usize::try_from(byte).ok().and_then(|at| text.get(at..)).map_or(0, |rest| rest.bytes().take_while(|b| *b == b'\n').count());
        lines.push((i32::try_from(line).unwrap_or(i32::MAX).saturating_add(i32::try_from(skipped).unwrap_or(0)), record.iter().map(own).collect()));
        if lines.len() > MOST_ROWS + 1 {
            break;
        }
    }
    Ok(lines)
}

fn read_xlsx(bytes: &[u8]) -> Result<Vec<(i32, Vec<String>)>, String> {
    let unreadable = |e: calamine::XlsxError| format!("The workbook cannot be read: {e}. Save it anew as .xlsx.");
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let sheet = book.sheet_names().first().cloned().ok_or("The workbook has no sheet.")?;
    // Cell by cell: a sheet that names a cell far out would be a table of millions of empty ones.
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(unreadable)?;
    let mut lines: Vec<(i32, Vec<String>)> = Vec::new();
    while let Some(cell) = cells.next_cell().map_err(unreadable)? {
        let (row, column) = cell.get_position();
        let (Ok(row), Ok(column)) = (i32::try_from(row), usize::try_from(column)) else { continue };
        let text = match cell.get_value() {
            DataRef::Empty | DataRef::Error(_) => continue,
            // A workbook keeps whole numbers as fractions, and GTINs as numbers.
            DataRef::Float(n) if n.fract() == 0.0 && n.abs() < 1e15 => format!("{n:.0}"),
            other => own(&Data::from(other.clone()).to_string()),
        };
        if text.is_empty() {
            continue;
        }
        if column >= MOST_COLUMNS {
            return Err(format!("The file has more than {MOST_COLUMNS} columns. Take out those that are not needed."));
        }
        // They come row by row.
        if lines.last().is_none_or(|last| last.0 != row + 1) {
            if lines.len() > MOST_ROWS + 1 {
                break;
            }
            lines.push((row + 1, Vec::new()));
        }
        if let Some((_, line)) = lines.last_mut() {
            line.resize(line.len().max(column), String::new());
            line.push(text);
        }
    }
    Ok(lines)
}

/// A cell as it was meant: without the mark that [`guarded`] puts before what a spreadsheet would run.
fn own(cell: &str) -> String {
    let cell = cell.trim();
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(RUNS) => rest.to_owned(),
        _ => cell.to_owned(),
    }
}

/// With these a spreadsheet takes a text for a formula (OWASP, *CSV Injection*).
const RUNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

fn guarded(cell: &str) -> String {
    if cell.starts_with(RUNS) { format!("'{cell}") } else { cell.to_owned() }
}

/// Writes a table.
pub fn write(format: TableFormat, sheet: &str, header: &[&str], rows: &[Vec<String>]) -> Result<Vec<u8>, Refusal> {
    let unwritten = |what: String| {
        tracing::error!(what, "a table could not be written");
        Refusal::field("/format", "The table could not be written. Try the other format.")
    };
    match format {
        TableFormat::Csv => {
            let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(b"\xef\xbb\xbf".to_vec());
            writer.write_record(header).map_err(|e| unwritten(e.to_string()))?;
            for row in rows {
                writer.write_record(row.iter().map(|c| guarded(c))).map_err(|e| unwritten(e.to_string()))?;
            }
            writer.into_inner().map_err(|e| unwritten(e.to_string()))
        }
        TableFormat::Xlsx => {
            let mut book = rust_xlsxwriter::Workbook::new();
            let written = (|| {
                let page = book.add_worksheet();
                page.set_name(sheet)?;
                let bold = rust_xlsxwriter::Format::new().set_bold();
                for (at, head) in (0..).zip(header) {
                    page.write_string_with_format(0, at, *head, &bold)?;
                }
                page.set_freeze_panes(1, 0)?;
                // Text, all of it: codes keep their zeros, and nothing is a formula.
                for (line, row) in (1..).zip(rows) {
                    for (at, cell) in (0..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
                        page.write_string(line, at, cell)?;
                    }
                }
                book.save_to_buffer()
            })();
            written.map_err(|e: rust_xlsxwriter::XlsxError| unwritten(e.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(of: &[(i32, &[&str])]) -> Vec<(i32, Vec<String>)> {
        of.iter().map(|(line, cells)| (*line, cells.iter().map(|c| (*c).to_owned()).collect())).collect()
    }

    #[test]
    fn text_is_read_whatever_stands_between() {
        let table = read("a.csv", b"\xef\xbb\xbfsku;name\r\nA;\"one; two\nthree\"\r\n\r\n;\r\n\r\nB\r\n").unwrap();
        assert_eq!(table.header, ["sku", "name"]);
        assert_eq!(table.rows, rows(&[(2, &["A", "one; two\nthree"]), (7, &["B", ""])]));
        for (bytes, says) in [
            (&b""[..], "The first row has no headings."),
            (b"sku\n", "There are no rows under the heading."),
            (b"sku\n\xff", "The file is not UTF-8 text."),
            (b"s\0k\0u\0\n\0A\0", "The file is not UTF-8 text."),
            (b"sku,price\nA,12,50\n", "Line 2 has more cells than there are headings."),
        ] {
            let refusal = read("a.csv", bytes).unwrap_err();
            assert!(refusal.message.starts_with(says), "{}", refusal.message);
        }
        assert_eq!(read("a.csv", b"sku\rA\rB").unwrap().rows, rows(&[(2, &["A"]), (3, &["B"])]));
        assert!(read("a.xlsx", b"no workbook").unwrap_err().message.starts_with("The workbook cannot be read"));
    }

    #[test]
    fn what_is_written_is_read_again() {
        let cells = |cells: &[&str]| cells.iter().map(|c| (*c).to_owned()).collect::<Vec<_>>();
        let out = [cells(&["0012", "=1+1", "Größe, \"L\""]), cells(&["B", "", "-5"])];
        for format in TableFormat::ALL {
            let bytes = write(*format, "Products", &["sku", "name", "size"], &out).unwrap();
            let table = read(&format!("t.{format}"), &bytes).unwrap();
            assert_eq!(table.rows, [(2, out[0].clone()), (3, out[1].clone())], "{format}");
        }
        let text = String::from_utf8(write(TableFormat::Csv, "T", &["a"], &[cells(&["=cmd"])]).unwrap()).unwrap();
        assert!(text.contains("'=cmd"), "a spreadsheet does not run it");
    }
}
