//! Both connectors do what every connector must.

use connect_core::config::Props;
use tempfile::TempDir;

fn folder(content: &str) -> (Props, TempDir) {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("orders.txt");
    std::fs::write(&file, content).unwrap();
    let file = file.to_str().unwrap();
    (
        Props::from_iter([("file", file), ("topic", "orders")]),
        folder,
    )
}

mod source {
    connect_core::conformance!(
        source crate::source::FileStreamSource,
        sample = super::folder("first\nsecond\r\nthird\n"),
        unreachable = [("file", "/dev")],
    );
}

mod sink {
    connect_core::conformance!(
        sink crate::sink::FileStreamSink,
        sample = super::folder(""),
        unreachable = [("file", "/no-such-folder/orders.txt")],
    );
}
