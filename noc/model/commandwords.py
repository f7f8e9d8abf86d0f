"""Words that make a `show` do more than show: they clear counters, write files, begin and end things. Pure.

The words that a `show` may be followed by are listed (noc.model.commandvocabulary), but names that people gave may
stand among them. So a word that acts is refused too, wherever it stands before the first `|`, in any case, between
quotes, as a part of a longer word (`clear-on-read`, `clear_drop`) and cut short (`cle`), as command lines take it. A
name of an interface or a VRF that is such a word is refused with it.
"""

from __future__ import annotations

import re
from typing import Final

ACTING: Final = frozenset(
    (
        *("append", "clear", "copy", "debug", "delete", "disable", "download", "dump", "enable", "erase", "export"),
        *("file", "flush", "kill", "monitor", "overwrite", "purge", "redirect", "reload", "remove", "rename"),
        *("reset", "restart", "save", "set", "shutdown", "start", "stop", "tee", "test", "to-file", "upload", "write"),
    )
)
"""Words that do something on some command line, or say where an output goes."""

LONG: Final = ("tech-support", "diagnostic-information")
"""They keep an old router busy for minutes, and on some platforms write a file."""

_HARMLESS: Final = re.compile(
    r"reload(?: cause)?|monitor(?: session (?:\d{1,3}|all))?|file systems|system reset-reason"
)
"""What follows the verb in commands that show alone, of platforms that noc knows."""

_WHOLE: Final = {
    "sa": ("ipsec", "ike", "ikev1", "ikev2", "isakmp"),
    "te": ("mpls",),
}
"""Words that are whole behind these, and no other word cut short: security associations, traffic engineering."""

_PLACES: Final = re.compile(
    r"(?:bootflash|cf\d*|crashinfo|disk\d*|flash\d*|ftp|harddisk|https?|log|null|nvram|scp|sftp|slot\d*|stby-[a-z]+"
    r"|system|tftp|unix|usb\w*|volatile):.*"
)
"""Places for files. Alone behind the verb they are listed (`show flash:`); behind other words they may be written."""

_MARKS: Final = re.compile(r"[\"'(){}\[\]^$*~]")
_JOINTS: Final = re.compile(r"[^a-z0-9.]+")


def acting_word(rest: str, *, known: bool) -> str | None:
    """Return the word that may act, of what follows the verb and ends before any `|`; None where there is none.

    known: the platform is one that noc knows by itself; on any other a word that begins with `-` is an option of who
    knows what, and nothing is exempt.
    """
    words = rest.lower().split()
    if known and is_harmless(rest):
        return None
    for at, word in enumerate(words):
        if at and words[at - 1] in _WHOLE.get(word, ()):
            continue
        bare = _MARKS.sub("", word)
        if _acts(bare) or (at and _PLACES.fullmatch(bare)) or (not known and bare.startswith(("-", "/"))):
            return word
    return None


def is_harmless(rest: str) -> bool:
    """Return whether what follows the verb is a whole command that shows alone, though a word of it looks otherwise."""
    return _HARMLESS.fullmatch(" ".join(rest.lower().split())) is not None


def _acts(word: str) -> bool:
    parts = set(_JOINTS.split(word))
    is_cut = bool(word) and any(name.startswith(word) for name in ACTING)
    return is_cut or word.startswith("clear") or not parts.isdisjoint(ACTING)


def is_long(rest: str) -> bool:
    """Return whether what follows the verb keeps a device busy: its first word, cut short or not, or any in full."""
    first, *others = rest.lower().split() or [""]
    if any(name.startswith(first) or first.startswith(name) for name in LONG):
        return True
    return any(word == "tech" or word.startswith(LONG) for word in others)
