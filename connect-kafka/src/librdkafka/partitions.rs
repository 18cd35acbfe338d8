//! Lists of partitions, with offsets and what is known of each.

use std::{fmt, ptr::NonNull};

use rdkafka::bindings as sys;

use super::{
    errors::error_of,
    foreign,
    text::{c_string, text},
};
use crate::{
    consumer::StartOffset,
    error::{ErrorKind, KafkaError, Result},
    topic::{GroupOffset, TopicPartition},
};

/// No partition in particular.
pub(super) const ANY_PARTITION: i32 = -1;

/// A list of partitions.
pub(crate) struct PartitionList(NonNull<sys::rd_kafka_topic_partition_list_t>);

// SAFETY: a list is plain memory without ties to a thread.
unsafe impl Send for PartitionList {}
// SAFETY: as above; it is changed through exclusive references only: calls in which the library writes into a list
// take one.
unsafe impl Sync for PartitionList {}

/// The offset, unless it is one of the negative ones that have a meaning of their own for the library.
fn not_negative(partition: &TopicPartition, offset: i64) -> Result<i64> {
    match offset < 0 {
        true => Err(KafkaError::new(
            ErrorKind::Refused,
            format!("offset {offset} of partition {partition} is negative"),
        )),
        false => Ok(offset),
    }
}

/// One element of a list, copied out.
#[derive(Clone, Debug)]
pub(crate) struct Listed {
    pub(crate) partition: TopicPartition,
    pub(crate) offset: i64,
    pub(crate) metadata: String,
    pub(crate) error: Option<KafkaError>,
}

impl PartitionList {
    pub(crate) fn new() -> Self {
        // SAFETY: has no preconditions.
        let raw = unsafe { sys::rd_kafka_topic_partition_list_new(0) };
        Self(NonNull::new(raw).expect("the library ends the process when it is out of memory"))
    }

    /// A list of partitions without offsets.
    pub(crate) fn of<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Result<Self> {
        let mut list = Self::new();
        for partition in partitions {
            list.push(partition)?;
        }
        Ok(list)
    }

    /// A list of topics, for a subscription.
    pub(crate) fn of_topics<'a>(topics: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut list = Self::new();
        for topic in topics {
            list.push_raw(topic, ANY_PARTITION)?;
        }
        Ok(list)
    }

    /// A list of partitions with places to start at.
    pub(crate) fn starting<'a>(
        starts: impl IntoIterator<Item = (&'a TopicPartition, StartOffset)>,
    ) -> Result<Self> {
        let mut list = Self::new();
        for (partition, start) in starts {
            let element = list.push(partition)?;
            let offset = match start {
                StartOffset::Earliest => i64::from(sys::RD_KAFKA_OFFSET_BEGINNING),
                StartOffset::Latest => i64::from(sys::RD_KAFKA_OFFSET_END),
                StartOffset::Committed => i64::from(sys::RD_KAFKA_OFFSET_STORED),
                StartOffset::At(offset) => not_negative(partition, offset)?,
            };
            // SAFETY: the element was just added, and the list has not changed since.
            unsafe { (*element).offset = offset };
        }
        Ok(list)
    }

    /// A list of offsets to commit.
    pub(crate) fn of_offsets(offsets: &[GroupOffset]) -> Result<Self> {
        let mut list = Self::new();
        for offset in offsets {
            let next = not_negative(&offset.partition, offset.offset)?;
            let element = list.push(&offset.partition)?;
            let metadata = offset.metadata.as_bytes();
            // SAFETY: the element was just added. The library frees the metadata with its own `free`, so it is
            // copied into memory of the library's `malloc`.
            unsafe {
                (*element).offset = next;
                if !metadata.is_empty() {
                    let copy = sys::rd_kafka_mem_malloc(std::ptr::null_mut(), metadata.len());
                    copy.cast::<u8>()
                        .copy_from_nonoverlapping(metadata.as_ptr(), metadata.len());
                    (*element).metadata = copy;
                    (*element).metadata_size = metadata.len();
                }
            }
        }
        Ok(list)
    }

    fn push(&mut self, partition: &TopicPartition) -> Result<*mut sys::rd_kafka_topic_partition_t> {
        self.push_raw(&partition.topic, partition.partition)
    }

    fn push_raw(
        &mut self,
        topic: &str,
        partition: i32,
    ) -> Result<*mut sys::rd_kafka_topic_partition_t> {
        let topic = c_string("the name of a topic", topic)?;
        // SAFETY: the list is alive and the name zero-terminated; the library copies it.
        Ok(
            unsafe {
                sys::rd_kafka_topic_partition_list_add(self.raw(), topic.as_ptr(), partition)
            },
        )
    }

    pub(super) fn raw(&self) -> *mut sys::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }

    /// What the list holds.
    pub(crate) fn to_vec(&self) -> Vec<Listed> {
        // SAFETY: the list is alive.
        unsafe { Self::read(self.raw()) }
    }

    /// What a list of the library holds; nothing if there is no list.
    ///
    /// # Safety
    /// `list` is null or points to a list that lives and does not change during the call.
    pub(super) unsafe fn read(list: *const sys::rd_kafka_topic_partition_list_t) -> Vec<Listed> {
        // SAFETY: null or alive, as the caller vouches; the elements form an array of `cnt`.
        unsafe {
            let Some(list) = list.as_ref() else {
                return Vec::new();
            };
            foreign::elements(list.elems, list.cnt)
                .map(|element| Self::read_element(element))
                .collect()
        }
    }

    /// # Safety
    /// `element` is that of a list that lives and does not change during the call.
    pub(super) unsafe fn read_element(element: *const sys::rd_kafka_topic_partition_t) -> Listed {
        // SAFETY: alive, as the caller vouches; the library fills the topic with a zero-terminated string, and
        // metadata with as many bytes as stated.
        unsafe {
            let metadata = match (*element).metadata.is_null() {
                true => &[][..],
                false => std::slice::from_raw_parts(
                    (*element).metadata.cast::<u8>(),
                    (*element).metadata_size,
                ),
            };
            Listed {
                partition: TopicPartition::new(&*text((*element).topic), (*element).partition),
                offset: (*element).offset,
                metadata: String::from_utf8_lossy(metadata).into_owned(),
                error: error_of(foreign::code(&raw const (*element).err), None),
            }
        }
    }
}

impl Drop for PartitionList {
    fn drop(&mut self) {
        // SAFETY: the list is ours.
        unsafe { sys::rd_kafka_topic_partition_list_destroy(self.raw()) };
    }
}

impl fmt::Debug for PartitionList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.to_vec().iter().map(|it| &it.partition))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negative_offsets_are_refused() {
        let partition = TopicPartition::new("t", 0);

        // The library would begin at the end, and commit nothing.
        let start = PartitionList::starting([(&partition, StartOffset::At(-1))]);
        let commit = PartitionList::of_offsets(&[GroupOffset::new(partition.clone(), -1001)]);

        let texts = [start, commit].map(|it| it.unwrap_err().to_string());
        let expected = [
            "offset -1 of partition t-0 is negative",
            "offset -1001 of partition t-0 is negative",
        ];
        assert_eq!(texts, expected);
    }

    #[test]
    fn what_is_put_in_is_read_again() {
        let offset = GroupOffset {
            partition: TopicPartition::new("t", 3),
            offset: 7,
            metadata: "who".to_owned(),
        };

        let listed = PartitionList::of_offsets(std::slice::from_ref(&offset))
            .unwrap()
            .to_vec();

        assert_eq!(listed.len(), 1);
        assert!(listed[0].error.is_none());
        let read = GroupOffset {
            partition: listed[0].partition.clone(),
            offset: listed[0].offset,
            metadata: listed[0].metadata.clone(),
        };
        assert_eq!(read, offset);
    }
}
