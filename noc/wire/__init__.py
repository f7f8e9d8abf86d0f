"""Wire: protocol clients that know bytes, not devices. One door per third-party library."""
