//! Numbers as people read them.

pub(super) use crate::render::words::size;

/// `1,204`
pub(super) fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `+1,204`, `-3`, `0`
pub(super) fn change(n: i64) -> String {
    format!("{}{}", sign(n), count(n.unsigned_abs()))
}

/// `+12.3 KiB`
pub(super) fn size_change(n: i64) -> String {
    format!("{}{}", sign(n), size(n.unsigned_abs()))
}

fn sign(n: i64) -> &'static str {
    match n {
        0 => "",
        1.. => "+",
        _ => "-",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_sizes_rounded() {
        let check = |n: i64, expected: [&str; 2]| assert_eq!([change(n), size_change(n)], expected);
        check(0, ["0", "0 B"]);
        check(7, ["+7", "+7 B"]);
        check(-1_234, ["-1,234", "-1.2 KiB"]);
        check(1_234_567, ["+1,234,567", "+1.2 MiB"]);
        assert_eq!((count(123_456), size(5 << 50)), ("123,456".to_owned(), "5120.0 TiB".to_owned()));
    }
}
