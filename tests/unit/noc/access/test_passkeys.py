"""Where passkeys are for, and challenges: for one attempt, once, for five minutes, and bounded."""

from __future__ import annotations

import pytest

from noc.access.callers import Callers
from noc.access.challenges import AT_MOST, LIVES_S, OF_AN_ADDRESS, Challenges
from noc.access.passkeys import Passkeys, Place, place_of
from noc.clock import ManualClock
from noc.model.errors import UsageError
from noc.state.database import Database


@pytest.mark.parametrize(
    ("base", "place"),
    [
        ("https://noc.example.org", Place("noc.example.org", "https://noc.example.org")),
        ("https://NOC.example.org:443", Place("noc.example.org", "https://noc.example.org")),
        ("https://noc.example.org:8443", Place("noc.example.org", "https://noc.example.org:8443")),
        ("http://localhost:8080", Place("localhost", "http://localhost:8080")),
        ("http://noc.example.org", None),
        ("https://192.0.2.7", None),
        ("https://[2001:db8::1]:8443", None),
        ("http://127.0.0.1:8080", None),
        ("", None),
    ],
)
def test_passkeys_are_for_names_by_https_and_for_localhost(base: str, place: Place | None) -> None:
    assert place_of(base) == place


async def test_a_challenge_is_good_once_and_for_five_minutes(clock: ManualClock) -> None:
    challenges = Challenges(clock)
    made = challenges.make(b"a", "192.0.2.7", 4)
    assert challenges.take(b"b") is None
    found = challenges.take(b"a")
    assert found is not None
    assert (found.octets, found.account) == (made, 4)
    assert challenges.take(b"a") is None
    challenges.make(b"a", "192.0.2.7")
    await clock.advance(LIVES_S)
    assert challenges.take(b"a") is None


def test_who_asks_for_many_challenges_loses_their_own(clock: ManualClock) -> None:
    challenges = Challenges(clock)
    challenges.make(b"mine", "192.0.2.7")
    for number in range(OF_AN_ADDRESS + 5):
        challenges.make(str(number).encode(), "198.51.100.9")
    assert challenges.take(b"0") is None
    assert challenges.take(b"mine") is not None
    for number in range(AT_MOST + 5):
        challenges.make(str(number).encode(), f"address {number // 100}")
    assert len(challenges._open) <= AT_MOST


@pytest.mark.parametrize(
    "said", ["", "null", "{}", "[]", '{"id": 7}', '{"id": "é"}', '{"id": "AAAA"}', "[" * 50_000], ids=range(8)
)
async def test_nonsense_is_no_passkey(database: Database, clock: ManualClock, callers: Callers, said: str) -> None:
    passkeys, place = Passkeys(database, clock, callers), Place("localhost", "http://localhost")
    await passkeys.ask(b"attempt", place, "")
    with pytest.raises(UsageError, match="this passkey isn't taken"):
        await passkeys.by_passkey(b"attempt", place, said, "")
