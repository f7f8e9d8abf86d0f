"""The language of `when:` and `clear:`: read, held to types and units, and made into closures. No eval anywhere."""
