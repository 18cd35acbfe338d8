//! Mistakes as Java tells them: each text was answered by Java 17.

use super::*;

#[test]
fn mistakes_are_told_as_java_tells_them() {
    for (pattern, expected) in [
        ("(", "Unclosed group near index 1\n("),
        ("((a)", "Unclosed group near index 4\n((a)"),
        (
            "\\Q(\\E(?:",
            "Unclosed group near index 5\n\\Q(\\E(?:\n     ^",
        ),
        ("[", "Unclosed character class near index 0\n[\n^"),
        (
            "a[b[c]",
            "Unclosed character class near index 5\na[b[c]\n     ^",
        ),
        ("[]", "Unclosed character class near index 1\n[]\n ^"),
        ("[^]", "Unclosed character class near index 2\n[^]\n  ^"),
        ("[z-a]", "Illegal character range near index 3\n[z-a]\n   ^"),
        ("*a", "Dangling meta character '*' near index 0\n*a\n^"),
        (
            "(a|+)",
            "Dangling meta character '+' near index 3\n(a|+)\n   ^",
        ),
        (
            "a+++",
            "Dangling meta character '+' near index 3\na+++\n   ^",
        ),
        ("x)", "Unmatched closing ')' near index 0\nx)\n^"),
        (")", "Unmatched closing ')'\n)"),
        ("a{", "Illegal repetition near index 2\na{"),
        ("a{,2}", "Illegal repetition near index 2\na{,2}\n  ^"),
        ("a{1,", "Unclosed counted closure near index 4\na{1,"),
        (
            "a{1x}",
            "Unclosed counted closure near index 3\na{1x}\n   ^",
        ),
        (
            "a{2,1}",
            "Illegal repetition range near index 5\na{2,1}\n     ^",
        ),
        ("a\\", "Unexpected internal error near index 2\na\\"),
        ("(?z)", "Unknown inline modifier near index 2\n(?z)\n  ^"),
        (
            "(?<1>x)",
            "capturing group name does not start with a Latin letter near index 3\n\
             (?<1>x)\n   ^",
        ),
        (
            "(?<a",
            "named capturing group is missing trailing '>' near index 4\n(?<a",
        ),
        (
            "\\Lu]",
            "Illegal/unsupported escape sequence near index 1\n\\Lu]\n ^",
        ),
        (
            "[\\b]",
            "Illegal/unsupported escape sequence near index 2\n[\\b]\n  ^",
        ),
        (
            "[a-\\p{L}]",
            "Illegal/unsupported escape sequence near index 4\n[a-\\p{L}]\n    ^",
        ),
        (
            "[5-\\w]",
            "Illegal character range near index 4\n[5-\\w]\n    ^",
        ),
        ("[\\Qa", "Unclosed character class near index 1\n[\\Qa\n ^"),
        ("[a\\", "Unclosed character class near index 3\n[a\\"),
        (
            "[a\\:-\"\\.",
            "Illegal character range near index 5\n[a\\:-\"\\.\n     ^",
        ),
        (
            "[{-\\\\",
            "Illegal character range near index 4\n[{-\\\\\n    ^",
        ),
        (
            "[\\\\-Z]",
            "Illegal character range near index 4\n[\\\\-Z]\n    ^",
        ),
        (
            "[\\n-\\t]",
            "Illegal character range near index 5\n[\\n-\\t]\n     ^",
        ),
        (
            "[\\x41-\\w]",
            "Illegal character range near index 7\n[\\x41-\\w]\n       ^",
        ),
        ("[ -", "Illegal character range near index 3\n[ -"),
        ("[a-\\", "Illegal character range near index 4\n[a-\\"),
        ("^-<(\\", "Unclosed group near index 6\n^-<(\\"),
        (
            "\\xg",
            "Illegal hexadecimal escape sequence near index 2\n\\xg\n  ^",
        ),
        (
            "[\\x4]",
            "Illegal hexadecimal escape sequence near index 4\n[\\x4]\n    ^",
        ),
        (
            "\\x{4",
            "Unclosed hexadecimal escape sequence near index 4\n\\x{4",
        ),
        (
            "\\x{110000}",
            "Hexadecimal codepoint is too big near index 8\n\\x{110000}\n        ^",
        ),
        (
            "\\u00g",
            "Illegal Unicode escape sequence near index 4\n\\u00g\n    ^",
        ),
        (
            "\\08",
            "Illegal octal escape sequence near index 2\n\\08\n  ^",
        ),
        (
            "\\c",
            "Illegal control escape sequence near index 1\n\\c\n ^",
        ),
        (
            "\\kx",
            "\\k is not followed by '<' for named capturing group near index 2\n\\kx\n  ^",
        ),
        (
            "\\k<n>",
            "named capturing group <n> does not exist near index 4\n\\k<n>\n    ^",
        ),
        (
            "(?<n>a)(?<n>b)",
            "Named capturing group <n> is already defined near index 11\n(?<n>a)(?<n>b)\n           ^",
        ),
        ("\\p{Lu", "Unclosed character family near index 5\n\\p{Lu"),
        (
            "\\pz",
            "Unknown character property name {z} near index 2\n\\pz\n  ^",
        ),
        ("\\p{}", "Empty character family near index 3\n\\p{}\n   ^"),
    ] {
        assert_eq!(mistake(pattern).as_deref(), Some(expected), "{pattern}");
    }
}

#[test]
fn nesting_takes_no_stack() {
    let deep = "[".repeat(1_000_000);

    assert!(mistake(&deep).is_some_and(|it| it.starts_with("Unclosed character class")));
}

#[test]
fn what_java_takes_is_no_mistake() {
    for pattern in [
        "",
        "a.*",
        "^*$*",
        "(a)*",
        "[*(]",
        "\\*",
        "\\Q(",
        "a{2}?",
        "a{2,}",
        "{1}",
        "(?i)a",
        "(?x-i:a)",
        "(?<=a)b",
        "(?<n>a)",
        "[a-z&&[^b]]",
        "[]a]",
        "[a\\]]",
        "a++",
        "(?x)a # (",
        "(?<n>a)\\k<n>\\1",
        "\\x41\\x{1F600}\\u0041\\0377\\cA\\p{Lu}\\pL[\\x41-\\x42]",
        "[\\w-a]",
    ] {
        assert_eq!(mistake(pattern), None, "{pattern}");
    }
}
