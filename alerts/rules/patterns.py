"""Patterns of people on text of devices, in time linear in the text: the one door of RE2."""

from __future__ import annotations

from typing import Final, Protocol

import re2

_QUIET: Final = re2.Options()
_QUIET.log_errors = False


class Pattern(Protocol):
    """A pattern ready to look."""

    def search(self, text: str) -> object | None:
        """Return something where it is found, else None."""
        ...


def pattern(text: str) -> Pattern:
    """Return a pattern. Raises ValueError where the text is none (https://github.com/google/re2/wiki/Syntax)."""
    try:
        found: Pattern = re2.compile(text, _QUIET)
    except re2.error as error:
        said = error.args[0] if error.args else "?"
        why = said.decode() if isinstance(said, bytes) else str(said)
        raise ValueError(
            f"'{text[:60]}' is no pattern: {why}; patterns are RE2, without look-around and backreferences"
        ) from error
    return found
