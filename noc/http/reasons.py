"""Why an entity has the status that it has, as a word with what stands behind it, and as a sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from noc.i18n.language import Language
from noc.model.evidence import JudgedNow
from noc.model.instants import from_ms
from noc.model.present import StatusNow, Word

ReasonWord = Literal[
    "never",
    "up",
    "failing",
    "down",
    "recovering",
    "stale",
    "withdrawn",
    "unreachable",
    "behind",
    "site",
    "told",
]
"""failing: up, with bad results that are not enough yet. recovering: down, with good ones that are not enough. stale:
the last result no longer speaks. withdrawn: nothing is expected of it. behind: a part of what is not up. told: by what
isn't kept as results, a service or an end point."""


def say(text: str) -> str:
    """Mark an English text for the catalogues."""
    return text


_SENTENCES: Final[Mapping[ReasonWord, str]] = {
    "up": say("Up: good results in a row since {time}: {n}; it takes {needed}."),
    "failing": say("Bad results in a row since {time}: {n}; {needed} in a row would make it down."),
    "down": say("Down: {n} bad results in a row since {time}; it takes {needed}."),
    "recovering": say("Good results in a row since {time}: {n}; {needed} in a row make it up again."),
    "stale": say("Unknown: the last result is of {time}, and a result speaks for {seconds} s."),
    "withdrawn": say("Nothing is expected of it since {time}: it was switched off, or taken out."),
    "unreachable": say(
        "Unreachable, and not down by itself: it does not answer, and all that it hangs on is down: {names}."
    ),
    "behind": say("Nothing is known of it while {names} is not up."),
    "site": say("{n} of its {total} edge devices are up; while one is, the site is."),
    "told": say("It is so since {time}."),
    "never": say("No result of it was ever seen."),
}
_BAD: Final = ("down", "unreachable")


@dataclass(frozen=True, slots=True)
class Hang:
    """What an entity hangs on. depth: 1 is what it hangs on itself, 2 what that does."""

    entity: str
    now: StatusNow
    depth: int = 1


@dataclass(frozen=True, slots=True)
class Reason:
    """Why. count: results in a row, since_ms: the first of them; needed: how many make it certain.

    last_ms: the last result. on: what is not up that it hangs on, or what a site is up by. of: how many there are.
    """

    word: ReasonWord
    status: Word
    count: int = 0
    needed: int = 0
    since_ms: int | None = None
    last_ms: int | None = None
    stale_ms: int = 0
    on: tuple[str, ...] = ()
    of: int = 0


def reason_of(
    now: StatusNow, judged: JudgedNow | None, last: str, hangs: Sequence[Hang], *, is_part: bool, is_site: bool
) -> Reason:
    """Return why an entity is what it is. last: the reason of its last Transition, empty where there is none.

    hangs: what it hangs on; of a part its device, of a site its edge devices.
    """
    direct = [one for one in hangs if one.depth == 1]
    if is_site:
        ups = tuple(one.entity for one in direct if one.now.status == "up")
        return Reason("site", now.status, on=ups, of=len(direct), since_ms=now.since_ms)
    owners = tuple(one.entity for one in direct if one.now.status != "up")
    if is_part and owners:
        return Reason("behind", now.status, on=owners, since_ms=now.since_ms)
    if now.status == "unreachable":
        bad = tuple(one.entity for one in direct if one.now.status in _BAD)
        return Reason("unreachable", now.status, on=bad, since_ms=now.since_ms, last_ms=now.seen_ms)
    if judged is None:
        return Reason("told" if now.since_ms is not None else "never", now.status, since_ms=now.since_ms)
    return _by_results(now, judged, last)


def _by_results(now: StatusNow, judged: JudgedNow, last: str) -> Reason:
    if now.status == "unknown" and last == "withdrawn":
        return Reason("withdrawn", now.status, since_ms=now.since_ms)
    needed = judged.confirm_up if judged.run_ok else judged.confirm_down
    if now.seen_ms is None:
        return Reason("never", now.status, needed=needed)
    if not judged.run_length:
        return Reason("stale", now.status, last_ms=now.seen_ms, stale_ms=judged.stale_ms)
    word: ReasonWord
    if judged.run_ok:
        word = "up" if now.status == "up" else "recovering"
    else:
        word = "down" if now.status == "down" else "failing"
    return Reason(word, now.status, judged.run_length, needed, judged.run_since_ms, now.seen_ms, judged.stale_ms)


def in_utc(time_ms: int) -> str:
    """Return milliseconds of the Unix epoch as `2026-11-22 11:05:00 UTC`."""
    return f"{from_ms(time_ms):%Y-%m-%d %H:%M:%S} UTC"


def sentence(reason: Reason, spoken: Language, written: Callable[[int], str] = in_utc) -> str:
    """Return a reason in words. written: makes a time of milliseconds of the Unix epoch."""
    is_rtl = spoken.direction == "rtl"
    apart = "\N{LEFT-TO-RIGHT ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}" if is_rtl else "{}"
    # A time has its own direction: the name of its month tells which.
    timed = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}" if is_rtl else "{}"
    return spoken.say(
        _SENTENCES[reason.word],
        n=len(reason.on) if reason.word == "site" else spoken.number(reason.count),
        needed=reason.needed,
        time=_moment(reason.last_ms if reason.word == "stale" else reason.since_ms, timed, written),
        seconds=spoken.number(reason.stale_ms / 1000, 0),
        names=", ".join(map(apart.format, reason.on)),
        total=reason.of,
    )


def _moment(time_ms: int | None, apart: str, written: Callable[[int], str]) -> str:
    return "–" if time_ms is None else apart.format(written(time_ms))
