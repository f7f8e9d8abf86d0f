"""Why an entity is what it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from noc.http.reasons import Hang, Reason, ReasonWord, reason_of, sentence
from noc.i18n.language import LOCALES, language
from noc.model.evidence import JudgedNow, Seen
from noc.model.present import StatusNow, Word

AT = 1_000_000
JUDGED = JudgedNow(3, 2, 180_000, False, 4, AT, (Seen(AT, False),), "icmp", "centre")


def now(word: Word, seen_ms: int | None = AT + 5) -> StatusNow:
    return StatusNow(word, AT, seen_ms)


def why(status: StatusNow, judged: JudgedNow | None, last: str = "", hangs: tuple[Hang, ...] = ()) -> Reason:
    return reason_of(status, judged, last, hangs, is_part=False, is_site=False)


@pytest.mark.parametrize(
    ("status", "ok", "length", "word", "needed"),
    [
        ("down", False, 4, "down", 3),
        ("up", False, 2, "failing", 3),
        ("up", True, 9, "up", 2),
        ("down", True, 1, "recovering", 2),
        ("unknown", True, 0, "stale", 0),
    ],
)
def test_results_in_a_row_say_why(status: Word, ok: bool, length: int, word: ReasonWord, needed: int) -> None:
    found = why(now(status), replace(JUDGED, run_ok=ok, run_length=length))
    assert (found.word, found.needed) == (word, needed)
    assert found.count == length


def test_what_is_behind_something_down_is_unreachable_for_that() -> None:
    hangs = (Hang("device/a", now("down")), Hang("site/b", now("unreachable")), Hang("device/far", now("down"), 2))
    found = why(now("unreachable"), JUDGED, hangs=hangs)
    assert (found.word, found.on) == ("unreachable", ("device/a", "site/b"))


def test_a_part_is_unknown_while_its_device_is_not_up() -> None:
    hangs = (Hang("device/a", now("down")),)
    found = reason_of(now("unknown"), JUDGED, "", hangs, is_part=True, is_site=False)
    assert (found.word, found.on) == ("behind", ("device/a",))
    up = (Hang("device/a", now("up")),)
    assert reason_of(now("down"), JUDGED, "", up, is_part=True, is_site=False).word == "down"


def test_a_site_is_up_by_its_edges() -> None:
    hangs = (Hang("device/a", now("down")), Hang("device/b", now("up")), Hang("site/x", now("up"), 2))
    found = reason_of(now("up"), None, "", hangs, is_part=False, is_site=True)
    assert (found.word, found.on, found.of) == ("site", ("device/b",), 2)


def test_what_was_never_seen_or_is_expected_no_more_says_so() -> None:
    assert why(StatusNow("unknown"), JUDGED).word == "never"
    assert why(StatusNow("unknown"), None).word == "never"
    assert why(now("up"), None).word == "told"
    assert why(now("unknown"), replace(JUDGED, run_length=0), "withdrawn").word == "withdrawn"


@pytest.mark.parametrize("tag", LOCALES)
def test_each_reason_is_a_sentence_in_each_language(tag: str) -> None:
    words: tuple[ReasonWord, ...] = ReasonWord.__args__  # type: ignore[attr-defined]
    for word in words:
        said = sentence(Reason(word, "down", 4, 3, AT, AT, 180_000, ("device/a",), 2), language(tag))
        assert len(said) >= 8
        assert "{" not in said
    told = sentence(Reason("unreachable", "unreachable", on=("device/a", "device/b")), language(tag))
    assert "device/a" in told
    assert "device/b" in told


def test_a_time_in_arabic_keeps_the_direction_that_its_month_gives_it() -> None:
    told = sentence(Reason("up", "up", 4, 1, AT), language("ar"), lambda _: "22 نوفمبر، 15:00")
    assert "\N{FIRST STRONG ISOLATE}22 نوفمبر، 15:00\N{POP DIRECTIONAL ISOLATE}" in told
