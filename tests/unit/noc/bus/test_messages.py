"""What is said beside frames, and where."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.bus import messages, topics
from noc.bus.messages import LARGEST, Acknowledged, Message, Order, Presence
from noc.bus.packing import PackingError

ALL: list[Message] = [
    Presence(poller="nbo-1", state="here", boot="00ff", version="1.0", group="africa", from_ms=5, sent_us=7, waiting=3),
    Presence(poller="nbo-1", state="gone"),
    Acknowledged(centre="c", boot="00ff", stored=((1, 4), (6, 6)), missing=("ab",), refused=((5, "not its scope"),)),
    Order(look=("device/a:icmp",), drain=False),
]


@pytest.mark.parametrize("message", ALL, ids=lambda message: type(message).__name__)
def test_messages_come_back(message: Message) -> None:
    assert messages.read(messages.written(message), type(message)) == message


def test_what_a_newer_version_says_beside_is_passed_over() -> None:
    assert messages.read(b'{"poller": "a", "state": "gone", "mood": 3}', Presence) == Presence(poller="a", state="gone")


@pytest.mark.parametrize(
    ("octets", "reason"),
    [
        (b"", "can't be read"),
        (b"\xff", "can't be read"),
        (b"[]", "Expected `object`"),
        (b'{"poller": "a", "state": "asleep"}', r"Invalid enum value 'asleep' - at `\$.state`"),
        (b'{"poller": 7, "state": "here"}', r"Expected `str`, got `int` - at `\$.poller`"),
        (b'{"poller": "' + b"a" * LARGEST, "octets, 262144 at most are read"),
    ],
)
def test_other_octets_are_refused_with_the_place(octets: bytes, reason: str) -> None:
    with pytest.raises(PackingError, match=reason):
        messages.read(octets, Presence)


@given(st.binary(max_size=200), st.sampled_from([Presence, Acknowledged, Order]))
def test_any_octets_are_a_message_or_refused(octets: bytes, kind: type[Message]) -> None:
    with suppress(PackingError):
        assert isinstance(messages.read(octets, kind), kind)


@pytest.mark.parametrize("word", topics.WORDS)
def test_topics_come_back(word: topics.Word) -> None:
    assert topics.read(topics.of_poller("nbo-1", word)) == ("nbo-1", word)


@pytest.mark.parametrize(
    "topic",
    [
        "noc/v1/poller/nbo-1",
        "noc/v1/poller//plan",
        "noc/v1/poller/a/b/plan",
        "noc/v1/poller/a/x",
        "noc/v1/state/a/plan",
    ],
)
def test_other_topics_are_none_of_a_poller(topic: str) -> None:
    assert topics.read(topic) is None


def test_a_poller_may_write_only_what_is_its_own() -> None:
    allowed = set(topics.rights("nbo-1"))
    assert {topic for may, topic in allowed if may == "write"} == {
        "noc/v1/poller/nbo-1/presence",
        "noc/v1/poller/nbo-1/observations",
        "noc/v1/poller/nbo-1/samples",
        "noc/v1/poller/nbo-1/tales",
    }
    assert ("read", "noc/v1/poller/+/presence") in allowed
    assert ("read", "noc/v1/poller/nbo-1/plan") in allowed
