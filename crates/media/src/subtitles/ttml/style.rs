//! The styles of TTML, as far as WebVTT has them, and where its regions are.

use std::collections::HashMap;

use super::super::cue::{Color, Look};
use super::time::number;

/// Styles and regions of a file; real ones have some ten.
const MAX_NAMED: usize = 10_000;
/// Styles that a style leads to.
const MAX_LED_TO: usize = 32;
/// What lies above this part of the picture's height is at its top.
const TOP: f64 = 40.0;

/// What an element says of how its words look; the rest is as around it.
#[derive(Debug, Clone, Default)]
pub(super) struct Styling {
    is_bold: Option<bool>,
    is_italic: Option<bool>,
    is_underlined: Option<bool>,
    color: Option<Paint>,
    is_hidden: Option<bool>,
    origin: Option<f64>,
    extent: Option<f64>,
    align: Option<Align>,
}

#[derive(Debug, Clone, Copy)]
enum Paint {
    Usual,
    Speaker(Color),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Before,
    Center,
    After,
}

impl Styling {
    /// An attribute, by its name without a prefix and in lower case.
    pub fn read(&mut self, name: &str, value: &str) {
        let value = value.trim();
        match name {
            "fontweight" => self.is_bold = Some(value == "bold"),
            "fontstyle" => self.is_italic = Some(matches!(value, "italic" | "oblique")),
            "textdecoration" => {
                let mut words = value.split_whitespace();
                self.is_underlined = Some(words.any(|it| it == "underline"));
            }
            "color" => {
                self.color = Some(Color::read(value).map_or(Paint::Usual, Paint::Speaker));
            }
            "display" => self.is_hidden = Some(value == "none"),
            "visibility" if value == "hidden" => self.is_hidden = Some(true),
            "origin" => self.origin = second_percent(value),
            "extent" => self.extent = second_percent(value),
            "displayalign" => {
                self.align = match value {
                    "before" => Some(Align::Before),
                    "center" => Some(Align::Center),
                    "after" => Some(Align::After),
                    _ => None,
                }
            }
            _ => {}
        }
    }

    /// What `over` says, and where it says nothing what this one does.
    pub fn under(&self, over: &Self) -> Self {
        Self {
            is_bold: over.is_bold.or(self.is_bold),
            is_italic: over.is_italic.or(self.is_italic),
            is_underlined: over.is_underlined.or(self.is_underlined),
            color: over.color.or(self.color),
            is_hidden: over.is_hidden.or(self.is_hidden),
            origin: over.origin.or(self.origin),
            extent: over.extent.or(self.extent),
            align: over.align.or(self.align),
        }
    }

    /// How words look in an element that says this, within one whose words look like `around`.
    pub fn look(&self, around: Look) -> Look {
        Look {
            is_bold: self.is_bold.unwrap_or(around.is_bold),
            is_italic: self.is_italic.unwrap_or(around.is_italic),
            is_underlined: self.is_underlined.unwrap_or(around.is_underlined),
            color: match self.color {
                None => around.color,
                Some(Paint::Usual) => None,
                Some(Paint::Speaker(color)) => Some(color),
            },
        }
    }

    pub fn is_hidden(&self) -> bool {
        self.is_hidden == Some(true)
    }

    /// Whether a region that is described so has its words at the top of the picture.
    pub fn is_on_top(&self) -> bool {
        let from = self.origin.unwrap_or(0.0).min(100.0);
        let height = self.extent.unwrap_or(100.0 - from);
        let place = match self.align.unwrap_or(Align::Before) {
            Align::Before => from,
            Align::Center => from + height / 2.0,
            Align::After => from + height,
        };
        place < TOP
    }
}

/// The height in `10% 80%`; other units say nothing.
fn second_percent(text: &str) -> Option<f64> {
    number(text.split_whitespace().nth(1)?.strip_suffix('%')?)
}

/// What the head of a file names.
#[derive(Debug, Default)]
pub(super) struct Named {
    styles: HashMap<String, (Styling, String)>,
    regions: HashMap<String, Styling>,
}

impl Named {
    /// A style, and the names of those that it is based on.
    pub fn add_style(&mut self, name: String, own: Styling, based_on: String) {
        if self.styles.len() < MAX_NAMED {
            self.styles.insert(name, (own, based_on));
        }
    }

    pub fn add_region(&mut self, name: String, styling: Styling) {
        if self.regions.len() < MAX_NAMED {
            self.regions.insert(name, styling);
        }
    }

    pub fn region(&self, name: &str) -> Option<&Styling> {
        self.regions.get(name)
    }

    /// What styles together say, separated by blanks; the later ones before the earlier ones, and each before what it is based
    /// on.
    pub fn styles(&self, names: &str) -> Styling {
        let mut merged = Styling::default();
        let mut left: Vec<&str> = names.split_whitespace().take(MAX_LED_TO).collect();
        let mut n_seen = 0;
        while let Some(name) = left.pop() {
            let Some((own, based_on)) = self.styles.get(name) else { continue };
            merged = own.under(&merged);
            n_seen += 1;
            // Also one that leads back to itself comes to an end.
            if n_seen >= MAX_LED_TO {
                break;
            }
            left.extend(based_on.split_whitespace().take(MAX_LED_TO));
        }
        merged
    }
}
