"""What classes of sites are called, for pages. Classes are words of whoever writes the inventory: others stay. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say

SITE_CLASS_WORDS: Final[Mapping[str, str]] = {
    "hq": say("headquarters"),
    "hub": say("data centre"),
    "rtc": say("technology centre"),
    "office": say("office"),
    "mission": say("mission"),
    "field": say("field site"),
}
"""In English, by the class; said in the reader's language when they are shown."""


def class_word(site_class: str, spoken: Language) -> str:
    """Return what a class of sites is called; one that noc doesn't know as the inventory writes it."""
    word = SITE_CLASS_WORDS.get(site_class)
    return site_class if word is None else spoken.say(word)
