"""Texts that fit into one SMS: 160 characters of the GSM 7 bit alphabet, or 70 of UCS-2 (3GPP TS 23.038). Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Final

GSM_AT_MOST: Final = 160
UCS2_AT_MOST: Final = 70

_GSM: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_TWICE: Final = frozenset("^{}\\[~]|€\f")
"""Characters of the extension table: they take the room of two."""

_PLAIN: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("“”„«»″", '"'),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("\u00a0\u202f\u2009\u3000", " "),
        **dict.fromkeys("\u2066\u2067\u2068\u2069\u200e\u200f"),
        "…": "...",
        "·": "-",
        "œ": "oe",
        "Œ": "OE",
    }
)


def room(text: str) -> int | None:
    """Return how much of GSM 7 bit a text takes; None where the alphabet lacks a character of it."""
    if not all(char in _GSM or char in _GSM_TWICE for char in text):
        return None
    return len(text) + sum(1 for char in text if char in _GSM_TWICE)


def plain(text: str) -> str:
    """Return a text in the GSM 7 bit alphabet, where it can be written in it; else with simpler signs.

    Accents that the alphabet lacks are left out: `interrompu à Genève` stays, `rétabli tôt` becomes `rétabli tot`.
    """
    simple = text.translate(_PLAIN)
    if room(simple) is not None:
        return simple
    bare = "".join(char if char in _GSM or char in _GSM_TWICE else _bare(char) for char in simple)
    return bare if room(bare) is not None else simple


def fits(text: str) -> bool:
    """Tell whether a text fits into one SMS."""
    taken = room(text)
    return _ucs2(text) <= UCS2_AT_MOST if taken is None else taken <= GSM_AT_MOST


def fitted(wordings: Sequence[str]) -> str:
    """Return the first of several wordings that fits into one SMS; the last one, cut, where none does.

    wordings: the fullest first.
    """
    for text in wordings:
        if fits(simple := plain(text)):
            return simple
    text = plain(wordings[-1])
    while text and not fits(f"{text}..."):
        text = text[:-1]
    return f"{text.rstrip()}..."


def _ucs2(text: str) -> int:
    return len(text.encode("utf-16-be", "replace")) // 2


def _bare(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
