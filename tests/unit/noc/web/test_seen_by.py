"""Who decided a change of state, in words: check, poller, and the place from which it looked."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from noc.i18n.language import language
from noc.model.transition import Transition
from noc.web.manifest import Manifest
from noc.web.pages import environment
from noc.web.tongue import saying

CHANGE = Transition("site/s", "down", "up", 1_000, 2_000, "uptime", "brindisi", "confirmed", ())
LOOK = """{% import "macros.html" as m with context %}{{ m.seen_by(change) }}"""


class NoFiles(Manifest):
    def __init__(self) -> None: ...


def seen_by(change: Transition, tag: str = "en") -> str:
    spoken = language(tag)
    made = environment(NoFiles()).from_string(LOOK)
    html = made.render(change=change, say=saying(spoken), tongue=spoken)
    return re.sub("<[^>]+>", "", html.strip())


@pytest.mark.parametrize(
    ("check", "vantage", "text"),
    [
        ("uptime", "", "check uptime of poller brindisi"),
        ("uptime", "brindisi", "check uptime of poller brindisi"),
        ("uptime", "valencia", "check uptime of poller brindisi, from valencia"),
        ("uptime", "east: failed, west: ok", "check uptime, east: failed, west: ok"),
        ("", "", "nobody"),
    ],
)
def test_it_is_said_once_and_in_words(check: str, vantage: str, text: str) -> None:
    assert seen_by(replace(CHANGE, check=check, vantage=vantage)) == text


def test_a_language_says_it_its_own_way() -> None:
    assert seen_by(replace(CHANGE, vantage="brindisi"), "ru") == "проверка uptime, сборщик brindisi"
