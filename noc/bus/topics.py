"""Topics of MQTT (docs/adr/0025). Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, get_args

Word = Literal["presence", "observations", "samples", "tales", "acks", "plan", "orders", "incidents"]
"""What is said on a topic of a poller. The first four are the poller's, the others the centre's."""

WORDS: Final[tuple[Word, ...]] = get_args(Word)
OF_POLLERS: Final[tuple[Word, ...]] = ("presence", "observations", "samples", "tales")
OF_CENTRE: Final[tuple[Word, ...]] = ("acks", "plan", "orders", "incidents")
FRAMES: Final[tuple[Word, ...]] = ("observations", "samples")

ROOT: Final = "noc/v1"
POLLERS: Final = f"{ROOT}/poller"
STATE: Final = f"{ROOT}/state"
INCIDENT: Final = f"{ROOT}/incident"


def of_poller(poller: str, word: Word) -> str:
    """Return a topic of a poller: `noc/v1/poller/nbo-1/presence`."""
    return f"{POLLERS}/{poller}/{word}"


def of_all(word: Word) -> str:
    """Return the filter for a topic of all pollers."""
    return f"{POLLERS}/+/{word}"


def read(topic: str) -> tuple[str, Word] | None:
    """Return the poller and the word of a topic; None where it is no poller's."""
    parts = topic.removeprefix(f"{POLLERS}/").split("/")
    if not topic.startswith(f"{POLLERS}/") or len(parts) != 2 or not parts[0]:
        return None
    return next(((parts[0], word) for word in WORDS if word == parts[1]), None)


def rights(poller: str) -> Iterator[tuple[Literal["write", "read"], str]]:
    """Yield what a poller may do at the broker: nothing but what is its own, and see who else is there."""
    for word in OF_POLLERS:
        yield "write", of_poller(poller, word)
    for word in OF_CENTRE:
        yield "read", of_poller(poller, word)
    yield "read", of_all("presence")
