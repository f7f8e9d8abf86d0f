"""The keys of pages: one table, from which the list on `?` is made, and where `g` and a letter lead. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from string import ascii_lowercase
from typing import Final

from noc.i18n.marking import say
from noc.web.navigation import BAR, MAILBOX, MORE, Entry

KEYS: Final = (
    ("/", say("search everything")),
    ("f", say("the filter of this page")),
    ("j k", say("next, previous row")),
    ("Enter", say("open the row")),
    ("x", say("pick the row")),
    ("Shift+x", say("pick all of this page that nobody owns")),
    ("a", say("acknowledge")),
    ("n", say("show what is new")),
    ("[ ]", say("previous, next page of a list")),
    ("?", say("this list")),
    ("Esc", say("close")),
)
OF_DEMO: Final = ("h", say("put the hints away"))
"""What single keys do, `assets/src/keys.js` does it; and what it is called. OF_DEMO: where there are hints."""

PREFERRED: Final[Mapping[str, str]] = {
    "/problems": "p",
    "/sites": "s",
    "/top": "t",
    "/availability": "a",
    "/map": "m",
}


def letters(entries: Iterable[Entry]) -> dict[str, str]:
    """Return the letter of each page by its address: the preferred one, else the first of its address that is free."""
    known = list(entries)
    found = {one.address: PREFERRED[one.address] for one in known if one.address in PREFERRED}
    for one in known:
        if one.address not in found:
            taken = set(found.values())
            wanted = [letter for letter in one.address if letter in ascii_lowercase]
            free = next((letter for letter in (*wanted, *ascii_lowercase) if letter not in taken), None)
            if free is not None:
                found[one.address] = free
    return found


LETTERS: Final = letters((*BAR, *MORE, MAILBOX))


def going(entries: Iterable[Entry]) -> list[tuple[str, Entry]]:
    """Return the letters that lead to some pages."""
    return [(LETTERS[one.address], one) for one in entries if one.address in LETTERS]


def for_script(entries: Iterable[Entry]) -> str:
    """Return the addresses by letter, as JSON."""
    return json.dumps({letter: one.address for letter, one in going(entries)})
