//! Sizes with a unit: `64 KiB`.

const UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("kB", 1000),
    ("KiB", 1 << 10),
    ("MB", 1_000_000),
    ("MiB", 1 << 20),
    ("GB", 1_000_000_000),
    ("GiB", 1 << 30),
];

/// The number of bytes, or `None` if the text is no size.
pub(crate) fn bytes(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.replace('_', "").parse().ok()?;
    let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit.trim())?;
    number.checked_mul(*factor)
}

#[cfg(test)]
mod tests {
    use super::bytes;

    #[test]
    fn a_size_is_a_whole_number_and_a_unit() {
        let check = |text, expected| assert_eq!(bytes(text), expected, "{text}");
        check("64 KiB", Some(64 * 1024));
        check("1MiB", Some(1024 * 1024));
        check("2 kB", Some(2000));
        check("1_000 B", Some(1000));
        check("1000", None);
        check("1.5 MiB", None);
        check("64 kib", None);
        check("", None);
        check("99999999999 GiB", None);
    }
}
