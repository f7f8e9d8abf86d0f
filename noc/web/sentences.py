"""Sentences that are made in English, far from pages, in their reader's language and zone. Pure.

Programs get them as they are made. A table holds those that people meet on pages, with names where something else
stands each time; one that stands in no table stays English, its times in the reader's zone.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from noc.availability.times import parse
from noc.i18n.language import Language
from noc.web.zones import IN_UTC, Times

_NAME: Final = re.compile(r"\\{(\w+)\\}")
_TIME: Final = re.compile(
    r"(?<!\bas )(?<!['/])\b[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?Z"
)
"""A time as programs read it, but one that shows how to write them, or that somebody wrote."""


class Sentences:
    """A table of sentences; the first that fits is taken."""

    def __init__(self, texts: tuple[str, ...]) -> None:
        self._texts = texts
        self._read: list[tuple[str, re.Pattern[str]]] = []

    def said(
        self,
        text: str,
        spoken: Language,
        times: Times = IN_UTC,
        value: Callable[[str, Language], str] = lambda text, _: text,
    ) -> str:
        """Return a sentence in a language, with its times in a zone. value: writes what stands in place of a name."""
        zoned = _TIME.sub(lambda found: _written(found[0], times), text)
        for known, pattern in self._patterns():
            match = pattern.fullmatch(zoned)
            if match is not None:
                found = {name: value(one, spoken) for name, one in match.groupdict().items()}
                return spoken.say(known, **found) if found else spoken.say(known)
        return zoned

    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        if not self._read:
            self._read = [
                (text, re.compile(_NAME.sub(r"(?P<\1>.+)", re.escape(text)), re.DOTALL)) for text in self._texts
            ]
        return self._read


def _written(text: str, times: Times) -> str:
    try:
        return times.written_ms(parse(text))
    except ValueError:
        return text  # 31 February: no time of ours
