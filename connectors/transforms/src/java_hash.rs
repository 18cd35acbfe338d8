//! The order in which the reference goes through names: that of Java's tables of hashes. It shows
//! when several of them fail, or clash.

/// Sorts items with different names as a `HashMap` or `HashSet` of them is gone through.
pub(crate) fn sort_as_hashed<T>(items: &mut [T], name: impl Fn(&T) -> &str) {
    let buckets = buckets(items.len());
    items.sort_by_key(|it| bucket(name(it), buckets));
}

/// How many buckets there are for so many keys.
fn buckets(keys: usize) -> u32 {
    let mut buckets: u32 = 16;
    while usize::try_from(buckets / 4 * 3).is_ok_and(|limit| keys > limit) {
        buckets *= 2;
    }
    buckets
}

/// The bucket of a text.
fn bucket(key: &str, buckets: u32) -> u32 {
    let units = key.encode_utf16().map(u32::from);
    let hash = units.fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit));
    (hash ^ (hash >> 16)) & (buckets - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_of_their_hashes() {
        let mut names = ["x y", "ts", "a", "b", "\u{e4}"];

        sort_as_hashed(&mut names, |it| it);

        assert_eq!(names, ["x y", "a", "b", "\u{e4}", "ts"]);
    }
}
