//! movies
