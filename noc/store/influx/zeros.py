"""Zeros below zero in the servers' JSON. Pure.

Go writes the number -0.0 as `-0`; parsers of JSON take that for a whole number, of which there is one zero alone.
"""

from __future__ import annotations

import re
from typing import Final

_THERE: Final = re.compile(rb"[\[,]-0[\],]")
_TEXT_OR_ZERO: Final = re.compile(rb'"(?:[^"\\]|\\.)*+"|-0(?=[\],])')


def signed(body: bytes) -> bytes:
    """Return JSON in which each `-0` of a list is `-0.0`, which keeps its sign; texts stay as they are."""
    if _THERE.search(body) is None:
        return body
    return _TEXT_OR_ZERO.sub(lambda found: b"-0.0" if found[0] == b"-0" else found[0], body)
