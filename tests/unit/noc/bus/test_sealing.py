"""Plans that only their poller can read."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus.packing import PackingError
from noc.bus.sealing import KEY_OCTETS, new_key, opened, sealed

KEY = bytes(range(KEY_OCTETS))


@given(st.binary(max_size=100))
def test_what_is_sealed_opens_with_its_key(body: bytes) -> None:
    octets = sealed(KEY, body, "nbo-1")
    assert opened(KEY, octets, "nbo-1") == body
    assert len(body) < 8 or body not in octets


def test_keys_differ() -> None:
    assert new_key() != new_key()
    assert sealed(KEY, b"plan", "nbo-1") != sealed(KEY, b"plan", "nbo-1")


@given(st.integers(2, 40), st.integers(1, 255))
def test_a_changed_octet_is_seen(place: int, change: int) -> None:
    octets = bytearray(sealed(KEY, b"a plan of eleven", "nbo-1"))
    octets[place % len(octets)] ^= change
    with pytest.raises(PackingError):
        opened(KEY, bytes(octets), "nbo-1")


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (sealed(KEY, b"plan", "nbo-2"), "it wasn't sealed for nbo-1 with this key"),
        (sealed(bytes(KEY_OCTETS), b"plan", "nbo-1"), "it wasn't sealed for nbo-1 with this key"),
        (b"S1short", "it wasn't sealed for nbo-1 with this key"),
        (b"S9" + bytes(40), "its version is b'S9', not b'S1'"),
        (b"", "its version is b'', not b'S1'"),
    ],
    ids=["another poller", "another key", "cut off", "another version", "nothing"],
)
def test_what_is_of_another_does_not_open(octets: bytes, reason: str) -> None:
    with pytest.raises(PackingError, match=reason):
        opened(KEY, octets, "nbo-1")
