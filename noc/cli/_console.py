"""Where words and data go: words for people to stderr, data to stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from rich.console import Console

stderr = Console(stderr=True, highlight=False, soft_wrap=True, markup=False)


def complain(message: str) -> None:
    """Print a message for a person on stderr."""
    for line in message.splitlines() or [""]:
        stderr.print(printable(line))


_ISOLATES: Final = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))
"""Marks that keep a name's direction in a sentence of the other one; many terminals show them as boxes."""


def printable(text: str) -> str:
    """Return text with control characters made visible: a device's text must not drive the operator's terminal.

    Directional isolates are left out: they do no harm alone, and terminals don't know what to do with them.
    """
    return "".join(
        c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text.translate(_ISOLATES)
    )


_CONTROLS: Final = {code: f"\\u{code:04x}" for code in range(0x7F, 0xA0)}
"""JSON leaves DEL and the C1 controls as they are; a terminal obeys them."""


def print_json(document: Mapping[str, object] | Sequence[object]) -> None:
    """Print one JSON document, and nothing else, on stdout; indented for a person at a terminal."""
    # Python's encoder is ten times slower when it indents, which a program that reads a million intervals would feel.
    text = json.dumps(document, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None, allow_nan=False)
    sys.stdout.write(text.translate(_CONTROLS) + "\n")
