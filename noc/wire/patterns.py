"""Regular expressions of people on text of servers: the one door of `regex`, which looks for a limited time."""

from __future__ import annotations

from typing import Final

import regex

PATIENCE_S: Final = 0.1


def wrong_pattern(pattern: str) -> str:
    """Return why a text is no regular expression; empty where it is one."""
    try:
        regex.compile(pattern)
    except regex.error as error:
        return str(error)
    return ""


def found(pattern: str, text: str) -> bool:
    """Return whether a pattern is found in a text; not where looking takes longer than a tenth of a second."""
    try:
        return regex.search(pattern, text, timeout=PATIENCE_S) is not None
    except (TimeoutError, regex.error):  # what is no pattern, `noc check` tells
        return False
