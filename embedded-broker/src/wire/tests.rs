//! Tests of reading frames and writing answers.

use super::*;

async fn read(bytes: &[u8]) -> Result<Option<Bytes>, Hangup> {
    read_frame(&mut &*bytes, &mut BytesMut::new()).await
}

#[tokio::test]
async fn frames_come_one_after_the_other() {
    let mut stream: &[u8] = b"\0\0\0\x03abc\0\0\0\x02de";
    let mut buffer = BytesMut::new();

    let first = read_frame(&mut stream, &mut buffer).await.unwrap();
    let second = read_frame(&mut stream, &mut buffer).await.unwrap();
    let third = read_frame(&mut stream, &mut buffer).await.unwrap();

    assert_eq!(first.unwrap(), "abc");
    assert_eq!(second.unwrap(), "de");
    assert_eq!(third, None);
}

#[tokio::test]
async fn lengths_that_make_no_sense_are_refused_before_anything_is_reserved() {
    for length in [-1_i32, 0, 1, i32::MAX, 200 * 1024 * 1024] {
        let bytes = [&length.to_be_bytes()[..], &[0; 2]].concat();
        assert!(
            matches!(read(&bytes).await, Err(Hangup::Nonsense(_))),
            "{length}"
        );
    }
}

#[tokio::test]
async fn little_is_reserved_for_what_has_not_arrived() {
    let length = 90_i32 * 1024 * 1024;
    let bytes = [&length.to_be_bytes()[..], &[0; 100]].concat();
    let mut buffer = BytesMut::new();

    let error = read_frame(&mut &*bytes, &mut buffer).await.unwrap_err();

    assert!(matches!(error, Hangup::Io(_)));
    assert!(buffer.capacity() < 4 * 1024 * 1024, "{}", buffer.capacity());
}

#[test]
fn a_header_that_is_none_is_refused() {
    for bytes in [
        &b""[..],
        b"\0\x12",
        b"\x7f\xff\0\0\0\0\0\0\0\0",
        b"\0\x12\0\0\0\0\0\0\x7f\xff",
    ] {
        let parsed = Incoming::parse(Bytes::copy_from_slice(bytes));
        assert!(matches!(parsed, Err(Hangup::Nonsense(_))), "{bytes:?}");
    }
}

#[test]
fn an_answer_is_all_its_pieces() {
    let pieces = [Bytes::from_static(b"ab"), Bytes::from_static(b"cde")];
    let mut answer = Answer::framed(pieces.into());

    let mut slices = [io::IoSlice::new(&[]); 2];
    assert_eq!(answer.chunks_vectored(&mut slices), 2);
    answer.advance(5);

    assert_eq!(answer.chunk(), b"b");
    assert_eq!(answer.copy_to_bytes(4), "bcde");
    assert!(!answer.has_remaining());
}
