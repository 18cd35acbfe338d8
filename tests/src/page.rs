//! Figures that a command writes into a page of the documentation.
#![expect(
    clippy::missing_panics_doc,
    reason = "a command reports by ending with the reason"
)]

use std::fmt;
use std::fs;
use std::path::Path;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs");

/// Replaces what stands in `docs/<page>` between `<!-- written by <command>: begin -->` and its end.
pub fn write_section(page: &str, command: &str, text: &str) {
    let path = Path::new(DOCS).join(page);
    let old = fs::read_to_string(&path).expect("the page can be read");
    let new = replace_section(&old, command, text).expect("the page has a place for the figures");
    fs::write(&path, new).expect("the page can be written");
}

fn replace_section(page: &str, command: &str, text: &str) -> Option<String> {
    let begin = format!("<!-- written by {command}: begin -->\n");
    let end = format!("<!-- written by {command}: end -->\n");
    let (before, rest) = page.split_once(&begin)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{begin}\n{text}\n{end}{after}"))
}

/// Where and when something is measured; shown as one sentence.
#[derive(Debug)]
pub struct Machine {
    date: String,
    processor: String,
    cores: usize,
    memory_gibibytes: u64,
}

impl Machine {
    /// This machine, today.
    #[must_use]
    pub fn here() -> Self {
        let memory = proc_field("meminfo", "MemTotal");
        let kibibytes: u64 = memory.trim_end_matches(" kB").parse().unwrap_or_default();
        Self {
            date: jiff::Timestamp::now().strftime("%Y-%m-%d").to_string(),
            processor: proc_field("cpuinfo", "model name"),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            memory_gibibytes: kibibytes >> 20,
        }
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Measured on {} on {} with {} cores and {} GiB of memory.",
            self.date, self.processor, self.cores, self.memory_gibibytes
        )
    }
}

/// The first field of this name in a file of `/proc`.
fn proc_field(file: &str, name: &str) -> String {
    let text = fs::read_to_string(Path::new("/proc").join(file)).unwrap_or_default();
    let mut lines = text.lines();
    let value = lines.find_map(|line| line.strip_prefix(name)?.split_once(':'));
    value
        .map_or("unknown", |(_, value)| value.trim())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "before\n\
        <!-- written by ./x a: begin -->\nold\n<!-- written by ./x a: end -->\n\
        between\n\
        <!-- written by ./x b: begin -->\nkept\n<!-- written by ./x b: end -->\n";

    #[test]
    fn only_the_section_of_the_command_is_replaced() {
        let page = replace_section(PAGE, "./x a", "new").unwrap();

        assert_eq!(page, PAGE.replace("old", "\nnew"));
    }

    #[test]
    fn a_page_without_the_section_is_left_alone() {
        assert_eq!(replace_section(PAGE, "./x c", "new"), None);
    }
}
