//! The providers against a server that answers as theirs do, and as theirs do on bad days.

mod desk;

mod boxes;
mod broken_nfo;
mod failures;
mod fanart;
mod keeping;
mod omdb;
mod servarr;
mod settings;
mod tmdb;
mod tvdb;
mod tvmaze;
mod wikidata;
