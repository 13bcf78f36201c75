//! A4 pages that are written from the top down.

use barcoders::sym::code128::Code128;
use krilla::Document;
use krilla::color::rgb;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::text::{Font, TextDirection};
use std::sync::LazyLock;

const REGULAR: &[u8] = include_bytes!("../../fonts/Inter-Regular.ttf");
const SEMIBOLD: &[u8] = include_bytes!("../../fonts/Inter-SemiBold.ttf");

/// Points, 72 to the inch.
pub const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
pub const MARGIN: f32 = 48.0;
const BOTTOM: f32 = HEIGHT - 60.0;

/// A weight of the typeface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    Regular,
    Semibold,
}

struct Face {
    font: Font,
    shapes: rustybuzz::Face<'static>,
}

#[expect(clippy::expect_used, reason = "the typefaces are a part of the program, and a test draws with both")]
fn face(bytes: &'static [u8]) -> Face {
    Face {
        font: Font::new(bytes.into(), 0).expect("the typeface can be read"),
        shapes: rustybuzz::Face::from_slice(bytes, 0).expect("the typeface can be measured"),
    }
}

static REGULAR_FACE: LazyLock<Face> = LazyLock::new(|| face(REGULAR));
static SEMIBOLD_FACE: LazyLock<Face> = LazyLock::new(|| face(SEMIBOLD));

impl Weight {
    fn face(self) -> &'static Face {
        match self {
            Self::Regular => &REGULAR_FACE,
            Self::Semibold => &SEMIBOLD_FACE,
        }
    }

    /// How wide a text is, shaped as it will be drawn.
    pub fn width(self, text: &str, size: f32) -> f32 {
        let shapes = &self.face().shapes;
        let mut line = rustybuzz::UnicodeBuffer::new();
        line.push_str(text);
        let units: i32 = rustybuzz::shape(shapes, &[], line).glyph_positions().iter().map(|p| p.x_advance).sum();
        units as f32 * size / shapes.units_per_em() as f32
    }

    /// Breaks a text at spaces so that no line is wider than `width`; a word that is wider by itself stands alone.
    pub fn wrap(self, text: &str, size: f32, width: f32) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for paragraph in text.lines() {
            let mut line = String::new();
            for word in paragraph.split_whitespace() {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width(&longer, size) > width && !line.is_empty() {
                    lines.push(std::mem::replace(&mut line, word.to_owned()));
                } else {
                    line = longer;
                }
            }
            lines.push(line);
        }
        lines
    }
}

enum Mark {
    Text {
        at: (f32, f32),
        weight: Weight,
        size: f32,
        text: String,
    },
    /// x, y, width, height
    Bar(f32, f32, f32, f32),
}

/// A document being written. `y` is where the next line goes.
pub struct Sheet {
    pages: Vec<Vec<Mark>>,
    pub y: f32,
}

impl Sheet {
    pub fn new() -> Self {
        Self { pages: vec![Vec::new()], y: MARGIN }
    }

    /// True where a thing of this height no longer fits on the page: a new one has been begun.
    pub fn turn(&mut self, height: f32) -> bool {
        let full = self.y + height > BOTTOM;
        if full {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
        full
    }

    fn mark(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    /// Writes from `x` on, with its baseline a line's height below `y`.
    pub fn text(&mut self, x: f32, weight: Weight, size: f32, text: &str) {
        self.mark(Mark::Text { at: (x, self.y + size), weight, size, text: text.to_owned() });
    }

    /// Writes so that it ends at `x`.
    pub fn text_to(&mut self, x: f32, weight: Weight, size: f32, text: &str) {
        self.text(x - weight.width(text, size), weight, size, text);
    }

    /// A thin line over the whole width.
    pub fn rule(&mut self) {
        self.mark(Mark::Bar(MARGIN, self.y, WIDTH - 2.0 * MARGIN, 0.6));
    }

    /// A Code 128 barcode that ends at `right`, with its quiet zone left to the margin. Nothing is drawn of what it cannot say.
    pub fn barcode_to(&mut self, right: f32, height: f32, text: &str) {
        // Set B has all printable characters of ASCII.
        let Ok(code) = Code128::new(format!("\u{0181}{text}")) else { return };
        let bars = code.encode();
        let module = 1.1;
        let left = right - bars.len() as f32 * module;
        let mut from = 0;
        while from < bars.len() {
            let run = bars[from..].iter().take_while(|b| **b == bars[from]).count();
            if bars[from] == 1 {
                self.mark(Mark::Bar(left + from as f32 * module, self.y, run as f32 * module, height));
            }
            from += run;
        }
    }

    /// The PDF, with the number of the page and of all pages at its foot.
    pub fn finish(self, title: &str) -> Vec<u8> {
        let ink = || Some(Fill { paint: rgb::Color::new(24, 26, 32).into(), ..Fill::default() });
        let mut document = Document::new();
        document.set_metadata(Metadata::new().title(title.to_owned()).language("en".to_owned()));
        let all = self.pages.len();
        for (number, marks) in (1..).zip(self.pages) {
            let Some(settings) = PageSettings::from_wh(WIDTH, HEIGHT) else { continue };
            let mut page = document.start_page_with(settings);
            let mut surface = page.surface();
            surface.set_fill(ink());
            let foot = format!("{title} · page {number} of {all}");
            let at = (WIDTH - MARGIN - Weight::Regular.width(&foot, 8.0), HEIGHT - 36.0);
            for mark in marks.into_iter().chain([Mark::Text { at, weight: Weight::Regular, size: 8.0, text: foot }]) {
                match mark {
                    Mark::Text { at: (x, y), weight, size, text } => {
                        surface.draw_text(Point::from_xy(x, y), weight.face().font.clone(), size, &text, false, TextDirection::Auto);
                    }
                    Mark::Bar(x, y, width, height) => {
                        let mut path = PathBuilder::new();
                        if let Some(bar) = Rect::from_xywh(x, y, width, height) {
                            path.push_rect(bar);
                        }
                        if let Some(path) = path.finish() {
                            surface.draw_path(&path);
                        }
                    }
                }
            }
            surface.finish();
            page.finish();
        }
        match document.finish() {
            Ok(bytes) => bytes,
            Err(error) => {
                tracing::error!(?error, title, "a document could not be written");
                Vec::new()
            }
        }
    }
}
