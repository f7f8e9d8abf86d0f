"""Where it says what to do: a URL, or an address within noc (`/help/runbooks/lines#circuit-down`). Pure."""

from __future__ import annotations

import re
from typing import Final

from noc.model.incident import Facts

FACT: Final = "runbook"
"""The fact of an incident that holds it."""

_URL: Final = re.compile(r"https?://[^\s\x00-\x20\x7f]+\Z")
_WITHIN: Final = re.compile(r"/(?![/\\])[^\s\x00-\x20\x7f\\]+\Z")


def is_url(text: str) -> bool:
    """Tell whether it is a URL of the web."""
    return _URL.match(text) is not None


def is_within(text: str) -> bool:
    """Tell whether it is an address within noc; what begins with two slashes would be another host's."""
    return _WITHIN.match(text) is not None


def absolute(facts: Facts, base_url: str | None) -> Facts:
    """Return facts whose runbook can be opened from elsewhere. base_url: of noc's pages; None: nobody knows it."""
    said = facts.get(FACT)
    if base_url is None or not isinstance(said, str) or not is_within(said):
        return facts
    return {**facts, FACT: f"{base_url.rstrip('/')}{said}"}
