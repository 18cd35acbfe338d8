//! Bytes of metadata and assignments, in Kafka's original encodings: big endian, texts with a
//! length of two bytes, lists with a count of four.

use bytes::{Buf, BufMut, TryGetError};
use indexmap::IndexMap;

use super::{ProtocolError, Work};
use crate::identity::{ConnectorName, TaskId};

/// Stands among the tasks of a connector for the connector itself.
const CONNECTOR_ITSELF: i32 = -1;
/// Length or count of what is absent.
const NULL: i32 = -1;

/// What is left of the bytes that were received.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Whether a field that older versions do not have can follow.
    pub(super) fn at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads the version in front. All later ones are taken, because they only add at the end.
    pub(super) fn version(&mut self) -> Result<(), ProtocolError> {
        let version = self.i16("version")?;
        not_negative("version", version.into())
    }

    pub(super) fn i16(&mut self, field: &'static str) -> Result<i16, ProtocolError> {
        self.0
            .try_get_i16()
            .map_err(|short| truncated(field, &short))
    }

    pub(super) fn i32(&mut self, field: &'static str) -> Result<i32, ProtocolError> {
        self.0
            .try_get_i32()
            .map_err(|short| truncated(field, &short))
    }

    pub(super) fn i64(&mut self, field: &'static str) -> Result<i64, ProtocolError> {
        self.0
            .try_get_i64()
            .map_err(|short| truncated(field, &short))
    }

    pub(super) fn text(&mut self, field: &'static str) -> Result<&'a str, ProtocolError> {
        let length = self.i16(field)?;
        let Ok(length) = usize::try_from(length) else {
            return Err(ProtocolError::Negative {
                field,
                number: length.into(),
            });
        };
        let bytes = self.take(field, length)?;
        std::str::from_utf8(bytes).map_err(|source| ProtocolError::Text { field, source })
    }

    /// Reads bytes that may be absent.
    pub(super) fn bytes(&mut self, field: &'static str) -> Result<Option<&'a [u8]>, ProtocolError> {
        match usize::try_from(self.i32(field)?) {
            Ok(length) => self.take(field, length).map(Some),
            Err(_null) => Ok(None),
        }
    }

    /// Reads connectors with their tasks. A list that is absent has none.
    pub(super) fn work(&mut self, field: &'static str) -> Result<Work, ProtocolError> {
        let mut work = Work::default();
        for _ in 0..self.i32(field)? {
            self.connector(&mut work)?;
        }
        Ok(work)
    }

    fn connector(&mut self, work: &mut Work) -> Result<(), ProtocolError> {
        let connector = ConnectorName::from(self.text("connector")?);
        let count = self.i32("tasks")?;
        not_negative("tasks", count.into())?;
        for _ in 0..count {
            let number = self.i32("task")?;
            if number == CONNECTOR_ITSELF {
                work.connectors.insert(connector.clone());
                continue;
            }
            let Ok(task) = u32::try_from(number) else {
                return Err(ProtocolError::Negative {
                    field: "task",
                    number: number.into(),
                });
            };
            let connector = connector.clone();
            work.tasks.insert(TaskId { connector, task });
        }
        Ok(())
    }

    fn take(&mut self, field: &'static str, length: usize) -> Result<&'a [u8], ProtocolError> {
        let available = self.0.len();
        let Some((taken, rest)) = self.0.split_at_checked(length) else {
            return Err(ProtocolError::Truncated {
                field,
                requested: length,
                available,
            });
        };
        self.0 = rest;
        Ok(taken)
    }
}

fn truncated(field: &'static str, short: &TryGetError) -> ProtocolError {
    ProtocolError::Truncated {
        field,
        requested: short.requested,
        available: short.available,
    }
}

fn not_negative(field: &'static str, number: i64) -> Result<(), ProtocolError> {
    if number < 0 {
        return Err(ProtocolError::Negative { field, number });
    }
    Ok(())
}

/// Writes a text.
pub(super) fn put_text(
    out: &mut Vec<u8>,
    field: &'static str,
    text: &str,
) -> Result<(), ProtocolError> {
    let too_big = |_| ProtocolError::TooBig {
        field,
        number: text.len(),
    };
    out.put_i16(i16::try_from(text.len()).map_err(too_big)?);
    out.put_slice(text.as_bytes());
    Ok(())
}

/// Writes a length, count or number of a task.
pub(super) fn put_number<N>(
    out: &mut Vec<u8>,
    field: &'static str,
    number: N,
) -> Result<(), ProtocolError>
where
    N: Copy + TryInto<i32> + TryInto<usize>,
{
    let number: i32 = number.try_into().map_err(|_| ProtocolError::TooBig {
        field,
        number: number.try_into().unwrap_or(usize::MAX),
    })?;
    out.put_i32(number);
    Ok(())
}

/// Writes bytes that may be absent.
pub(super) fn put_bytes(
    out: &mut Vec<u8>,
    field: &'static str,
    bytes: Option<&[u8]>,
) -> Result<(), ProtocolError> {
    let Some(bytes) = bytes else {
        out.put_i32(NULL);
        return Ok(());
    };
    put_number(out, field, bytes.len())?;
    out.put_slice(bytes);
    Ok(())
}

/// Writes one entry for each connector: first those that are in the work themselves, then those of
/// which it has only tasks.
pub(super) fn put_work(
    out: &mut Vec<u8>,
    field: &'static str,
    work: &Work,
) -> Result<(), ProtocolError> {
    let itself = work.connectors.iter().map(|name| (name, Vec::new()));
    let mut tasks: IndexMap<&ConnectorName, Vec<u32>> = itself.collect();
    for id in &work.tasks {
        tasks.entry(&id.connector).or_default().push(id.task);
    }

    put_number(out, field, tasks.len())?;
    for (connector, tasks) in tasks {
        let itself = work.connectors.contains(connector);
        put_text(out, "connector", connector.as_str())?;
        put_number(out, "tasks", tasks.len() + usize::from(itself))?;
        if itself {
            out.put_i32(CONNECTOR_ITSELF);
        }
        for task in tasks {
            put_number(out, "task", task)?;
        }
    }
    Ok(())
}
