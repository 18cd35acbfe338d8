//! The input may come out of another macro.

use connect_core::config::{ConnectorConfig as _, Props};
use connect_core::prelude::*;

macro_rules! config {
    ($(#[doc = $doc:literal])* $name:ident { $field:ident: $ty:ty = $default:expr, $key:literal }) => {
        $(#[doc = $doc])*
        #[derive(ConnectorConfig)]
        struct $name {
            $(#[doc = $doc])*
            #[config(key = $key, default = $default, range = ..=$default)]
            $field: $ty,
        }
    };
}

config! {
    /// How long to wait.
    Waiting { wait: Duration = "5s", "wait.ms" }
}

config! {
    /// How often to try.
    Trying { tries: u16 = 5, "tries" }
}

#[test]
fn options_keep_their_meaning() {
    assert_eq!(
        Waiting::parse(&Props::new()).unwrap().wait,
        Duration::from_secs(5)
    );
    assert_eq!(Trying::parse(&Props::new()).unwrap().tries, 5);
    assert!(Trying::parse(&Props::from_iter([("tries", "6")])).is_err());
}
