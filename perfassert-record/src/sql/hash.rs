//! The hash behind a [`Fingerprint`].

use super::Fingerprint;

/// The hash of a normalised text: FNV-1a, 64 bits wide.
///
/// Written out here because it is stored: neither a dependency nor the standard library may change it.
pub(super) fn fingerprint(text: &str) -> Fingerprint {
    const OFFSET_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let hash = text.bytes().fold(OFFSET_BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    Fingerprint(hash)
}
