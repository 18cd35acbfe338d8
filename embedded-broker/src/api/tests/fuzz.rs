//! Requests that nobody would send: of the right shape, with contents made up by a seeded generator,
//! and then spoiled. Whatever comes, the broker answers or hangs up, and its files stay sound.
//!
//! `CONNECT_FUZZ_SECONDS` says how long it goes on, `CONNECT_SEED` repeats a run.

use std::time::{Duration, Instant};

use super::*;
use crate::node::now_ms;
use crate::transactions;
use crate::wire::read_frame;
use crate::wire::shape::{Kind, is_in};

const USUAL_TIME: Duration = Duration::from_secs(3);
/// How often the broker is closed and opened again.
const REQUESTS_OF_A_LIFE: u32 = 2_000;

/// Numbers that look random and come again with the same seed.
struct Dice(u64);

impl Dice {
    /// The generator of Vigna, `SplitMix64`.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }
}

/// Writes requests along their shapes.
struct Author<'a> {
    dice: &'a mut Dice,
    version: i16,
    flexible: bool,
    out: BytesMut,
}

const TEXTS: &[&str] = &[
    "orders",
    "group",
    "t",
    "",
    "retention.ms",
    "1000",
    "cleanup.policy",
    "compact",
    "x y",
    "Ongoing",
    "é",
    "1",
];

impl Author<'_> {
    fn structure(&mut self, fields: &[Field]) {
        for field in fields {
            if is_in(field, self.version) {
                self.field(field.kind());
            }
        }
        if self.flexible {
            self.out.extend([0]);
        }
    }

    fn field(&mut self, kind: Kind) {
        match kind {
            Kind::Fixed(width) => {
                let number = self.number();
                self.out.extend(&number.to_be_bytes()[8 - width.min(8)..]);
                self.out
                    .extend(std::iter::repeat_n(0, width.saturating_sub(8)));
            }
            Kind::Text => {
                let text = self.dice.pick(TEXTS).as_bytes();
                if self.flexible {
                    self.varint(text.len() + 1);
                } else {
                    let length = u16::try_from(text.len()).unwrap();
                    self.out.extend(length.to_be_bytes());
                }
                self.out.extend(text);
            }
            Kind::Bytes => {
                let bytes = self.bytes();
                self.count(bytes.len());
                self.out.extend(bytes);
            }
            Kind::Structs(fields) => {
                let count = self.dice.below(3);
                self.count(count);
                (0..count).for_each(|_| self.structure(fields));
            }
            Kind::Values(value) => {
                let count = self.dice.below(3);
                self.count(count);
                (0..count).for_each(|_| self.field(value.kind()));
            }
        }
    }

    /// Mostly numbers that mean something.
    fn number(&mut self) -> i64 {
        match self.dice.below(8) {
            0..=3 => self.dice.pick(&[0, 1, 2, -1]),
            4 => self
                .dice
                .pick(&[-2, -3, 10, 60_000, i64::MAX, i64::MIN, 0x7fff_ffff]),
            5 => now_ms(),
            6 => i64::from(self.dice.next().to_le_bytes()[0]),
            _ => self.dice.next().cast_signed(),
        }
    }

    fn bytes(&mut self) -> Vec<u8> {
        let key = if self.dice.one_in(4) { None } else { Some("k") };
        let producer = match self.dice.below(3) {
            0 => (-1, -1, -1),
            _ => (
                i64::from(self.dice.next().to_le_bytes()[0] % 4),
                self.dice.pick(&[0, 1, 2]),
                self.dice.pick(&[0, 1, 2, 3]),
            ),
        };
        let sample = Sample {
            producer,
            transactional: self.dice.one_in(2),
            timestamp: now_ms(),
            ..Sample::of(&[(key, "value"), (Some("other"), "")])
        };
        let mut batch = sample.build();
        if self.dice.one_in(3) {
            let at = self.dice.below(batch.len());
            batch[at] ^= self.dice.pick(&[1, 0x80, 0xff]);
        }
        batch
    }

    fn count(&mut self, count: usize) {
        if self.flexible {
            self.varint(count + 1);
        } else {
            let count = u32::try_from(count).unwrap();
            self.out.extend(count.to_be_bytes());
        }
    }

    fn varint(&mut self, mut value: usize) {
        while value >= 0x80 {
            self.out
                .extend([u8::try_from(value & 0x7f).unwrap() | 0x80]);
            value >>= 7;
        }
        self.out.extend([u8::try_from(value).unwrap()]);
    }
}

fn request(dice: &mut Dice) -> Incoming {
    let known = &SUPPORTED[dice.below(SUPPORTED.len())];
    let count = usize::from((known.max - known.min).unsigned_abs()) + 1;
    let version = known.min + i16::try_from(dice.below(count)).unwrap();
    let mut author = Author {
        dice,
        version,
        flexible: known.key.request_header_version(version) >= 2,
        out: BytesMut::new(),
    };
    author.structure(known.shape);
    let mut body = author.out;
    if dice.one_in(4) && !body.is_empty() {
        for _ in 0..=dice.below(3) {
            let at = dice.below(body.len());
            body[at] ^= dice.pick(&[1, 0x7f, 0x80, 0xff]);
        }
    }
    incoming(known.key, version, &body)
}

#[tokio::test]
async fn made_up_requests_do_no_harm() {
    let mut dice = Dice(seed());
    let end = Instant::now() + time();
    let dir = tempfile::tempdir().unwrap();
    let mut answered = 0;
    while Instant::now() < end {
        let node = Node::open(BrokerConfig::new(dir.path())).unwrap();
        let fixture = Fixture {
            node,
            _dir: tempfile::tempdir().unwrap(),
        };
        for _ in 0..REQUESTS_OF_A_LIFE {
            let request = request(&mut dice);
            tokio::select! {
                biased;
                answer = fixture.answer(request) => answered += u32::from(answer.is_ok()),
                // Whoever waits for others waits in vain.
                () = tokio::task::yield_now() => {}
            }
        }
        let later = now_ms() + i64::from(dice.next().to_le_bytes()[0]) * 1_000;
        fixture.node.groups.borrow_mut().tick(Instant::now());
        transactions::tidy(&fixture.node, later);
        fixture.node.topics.borrow_mut().retain(later);
        if dice.one_in(2) {
            fixture.node.sync();
        }
    }
    assert!(answered > REQUESTS_OF_A_LIFE / 4, "only {answered} answers");
}

#[tokio::test]
async fn made_up_frames_do_no_harm() {
    let mut dice = Dice(seed());
    let end = Instant::now() + time() / 2;
    let mut whole = 0;
    while Instant::now() < end {
        let sound = request(&mut dice);
        let mut bytes = Vec::new();
        for _ in 0..=dice.below(3) {
            let length = u32::try_from(sound.body.len() + 10).unwrap();
            bytes.extend(length.to_be_bytes());
            bytes.extend((sound.api as i16).to_be_bytes());
            bytes.extend(sound.version.to_be_bytes());
            bytes.extend([0, 0, 0, 1, 0xff, 0xff]);
            bytes.extend(&sound.body);
        }
        if dice.one_in(2) {
            let at = dice.below(bytes.len());
            bytes[at] ^= dice.pick(&[1, 0x40, 0x80, 0xff]);
        }
        bytes.truncate(bytes.len() - dice.below(2) * dice.below(bytes.len()));

        let mut stream = bytes.as_slice();
        let mut buffer = BytesMut::new();
        while let Ok(Some(frame)) = read_frame(&mut stream, &mut buffer).await {
            whole += u32::from(Incoming::parse(frame).is_ok());
        }
        // What a length announces is not set aside before it has come.
        assert!(buffer.capacity() <= 4 * bytes.len() + 2 * 1024 * 1024);
    }
    assert!(whole > 100, "only {whole} frames");
}

fn seed() -> u64 {
    let given = std::env::var_os("CONNECT_SEED").and_then(|it| it.to_str()?.parse().ok());
    let seed = given.unwrap_or_else(|| now_ms().unsigned_abs());
    eprintln!("CONNECT_SEED={seed} repeats this run");
    seed
}

fn time() -> Duration {
    let given = std::env::var_os("CONNECT_FUZZ_SECONDS").and_then(|it| it.to_str()?.parse().ok());
    given.map_or(USUAL_TIME, Duration::from_secs)
}
