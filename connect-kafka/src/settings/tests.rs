//! The table of settings, row by row where a row does more than rename.
