"""Which interfaces of a device have a status of their own: `watch_interfaces`."""

from __future__ import annotations

import re
from fnmatch import translate
from functools import lru_cache
from typing import Annotated, Final

from pydantic import BeforeValidator

from noc.model.finding import did_you_mean

UPLINKS: Final = "uplinks"
ALL: Final = "all"
NONE: Final = "none"
_WORDS: Final = (UPLINKS, ALL, NONE)
_NEAR: Final = re.compile(r"[a-z]+\Z")


def parse_interfaces(value: object) -> tuple[str, ...]:
    """Return one of the three words, or patterns of names, as written: a text or a list. Raises ValueError."""
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not items or not all(isinstance(one, str) and one for one in items):
        raise ValueError(f"must be one of {', '.join(_WORDS)}, or a list of names (`*` stands for anything)")
    texts = tuple(str(one) for one in items)
    if len(texts) > 1 and any(text in _WORDS for text in texts):
        raise ValueError(f"{', '.join(_WORDS)} stand alone; names stand in a list of their own")
    if len(texts) == 1 and texts[0] not in _WORDS and _NEAR.match(texts[0]) and did_you_mean(texts[0], _WORDS):
        raise ValueError(f"'{texts[0]}' is neither a word known here nor a pattern{did_you_mean(texts[0], _WORDS)}")
    return texts


InterfacesField = Annotated[tuple[str, ...], BeforeValidator(parse_interfaces)]


def is_named(patterns: tuple[str, ...], *names: str | None) -> bool:
    """Return whether one of the names fits one of the patterns: `*` stands for anything, `?` for one character."""
    compiled = _compiled(patterns)
    return any(name is not None and compiled.match(name) is not None for name in names)


@lru_cache(maxsize=1_000)
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(map(translate, patterns)), re.IGNORECASE)
