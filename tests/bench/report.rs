//! The figures as Markdown, on the output and in `docs/performance.md`.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use connect_tests::kafka::Mode;
use connect_tests::page::{self, Machine};

use crate::bare::Loop;
use crate::case::Case;
use crate::engine::Engine;
use crate::growing::Growth;
use crate::held::{Blocked, Held};
use crate::idle::{Crowd, Idle};
use crate::sample::{Sample, median, middle};

const COMMAND: &str = "./x bench --write";

/// Everything that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    lines: u64,
    runs: usize,
    /// Names of the cases, in order.
    cases: Vec<String>,
    samples: BTreeMap<(usize, Side), Vec<Sample>>,
    idle: BTreeMap<(Mode, Engine), Vec<Idle>>,
    crowd: Option<Crowd>,
    held: Vec<(Blocked, Held)>,
    growth: Vec<Growth>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Worker(Engine),
    Bare(Loop),
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Worker(engine) => engine.fmt(f),
            Self::Bare(bare) => bare.fmt(f),
        }
    }
}

impl Report {
    pub(crate) fn new(lines: u64, runs: usize) -> Self {
        Self {
            lines,
            runs,
            cases: Vec::new(),
            samples: BTreeMap::new(),
            idle: BTreeMap::new(),
            crowd: None,
            held: Vec::new(),
            growth: Vec::new(),
        }
    }

    pub(crate) fn idle(&mut self, mode: Mode, engine: Engine, idle: Idle) {
        self.idle.entry((mode, engine)).or_default().push(idle);
    }

    pub(crate) fn crowd(&mut self, crowd: Crowd) {
        self.crowd = Some(crowd);
    }

    pub(crate) fn held(&mut self, blocked: Blocked, held: Held) {
        self.held.push((blocked, held));
    }

    pub(crate) fn growth(&mut self, growth: Growth) {
        self.growth.push(growth);
    }

    pub(crate) fn sample(&mut self, case: &Case, engine: Engine, sample: Sample) {
        self.add(case, Side::Worker(engine), sample);
    }

    pub(crate) fn bare(&mut self, case: &Case, bare: Loop, sample: Sample) {
        self.add(case, Side::Bare(bare), sample);
    }

    fn add(&mut self, case: &Case, side: Side, sample: Sample) {
        let name = case.name();
        let known = self.cases.iter().position(|it| *it == name);
        let index = known.unwrap_or_else(|| {
            self.cases.push(name);
            self.cases.len() - 1
        });
        self.samples.entry((index, side)).or_default().push(sample);
    }

    /// Replaces the figures in the page.
    pub(crate) fn write(&self) {
        page::write_section("performance.md", COMMAND, &self.to_string());
    }

    fn write_cases(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| case | by | k records/CPU-s | of Java | CPU-s | elapsed s | peak MiB | broker CPU-s |\n\
             | --- | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for ((index, side), samples) in &self.samples {
            let Some(sample) = median(samples) else {
                continue;
            };
            let java = self.samples.get(&(*index, Side::Worker(Engine::Java)));
            let java = java.and_then(|it| median(it)).map(|it| it.rate());
            let ratio = java.map_or(String::new(), |java| {
                format!("{:.1} ×", sample.rate() / java)
            });
            writeln!(
                f,
                "| {} | {side} | {:.0} | {ratio} | {:.2} | {:.2} | {} | {:.2} |",
                self.cases[*index],
                sample.rate(),
                sample.cpu.as_secs_f64(),
                sample.elapsed.as_secs_f64(),
                sample.peak_resident_bytes >> 20,
                sample.broker_cpu.as_secs_f64(),
            )?;
        }
        Ok(())
    }

    fn write_idle(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "| worker | start to an answer | start to its work | CPU-s of the start | idle MiB | CPU-s of an idle minute |\n\
             | --- | --- | --- | --- | --- | --- |"
        )?;
        for ((mode, engine), idle) in &self.idle {
            let place = match mode {
                Mode::Standalone => "alone",
                Mode::Distributed => "in a cluster",
            };
            writeln!(
                f,
                "| {engine}, {place} | {} ms | {} ms | {:.2} | {} | {:.2} |",
                middle(idle, |it| it.until_answer).as_millis(),
                middle(idle, |it| it.until_ready).as_millis(),
                middle(idle, |it| it.start_cpu).as_secs_f64(),
                middle(idle, |it| it.resident_bytes) >> 20,
                middle(idle, |it| it.cpu_per_minute).as_secs_f64(),
            )?;
        }
        Ok(())
    }
}

impl Report {
    fn write_held(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nMemory of a worker that has {} lines to move and cannot get rid of them:\n\n\
             | what holds it up | MiB before | MiB at most |\n\
             | --- | --- | --- |",
            self.lines
        )?;
        for (blocked, held) in &self.held {
            writeln!(
                f,
                "| {blocked} | {} | {} |",
                held.before >> 20,
                held.peak >> 20
            )?;
        }
        Ok(())
    }

    fn write_growth(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "\nA file source whose file grows by 200 MB a second:\n\n\
             | who follows it | bytes of a line | grew for s | all lines after s more | lines | CPU-s | peak MiB |\n\
             | --- | --- | --- | --- | --- | --- | --- |"
        )?;
        for growth in &self.growth {
            writeln!(
                f,
                "| {} | {} | {:.1} | {:.1} | {} | {:.2} | {} |",
                growth.follower,
                growth.line_bytes,
                growth.growing.as_secs_f64(),
                growth.behind.as_secs_f64(),
                growth.sample.records,
                growth.sample.cpu.as_secs_f64(),
                growth.sample.peak_resident_bytes >> 20,
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", Machine::here())?;
        writeln!(
            f,
            "{} lines of 99 bytes, one task, one partition unless said otherwise; medians of {} runs, \
             both sides in turn:\n",
            self.lines, self.runs
        )?;
        self.write_cases(f)?;
        writeln!(f, "\nA worker without connectors:\n")?;
        self.write_idle(f)?;
        let Some(crowd) = &self.crowd else {
            return Ok(());
        };
        let seconds = |time: Duration| time.as_secs_f64();
        writeln!(
            f,
            "\n{} idle file sources in one worker: running after {:.2} s, {} MiB, {:.2} CPU-s a minute, \
             a list with states and configurations in {} ms.",
            crowd.connectors,
            seconds(crowd.until_running),
            crowd.resident_bytes >> 20,
            seconds(crowd.cpu_per_minute),
            crowd.list.as_millis(),
        )?;
        self.write_held(f)?;
        self.write_growth(f)
    }
}
