"""What pages as text say that they don't say else, in the reader's language."""

from __future__ import annotations

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.lite import LiteWords

_ROWS = say("{first}–{last} of {total}")
_BEFORE = say("Previous")
_AFTER = say("Next")
_LOAD = say("Show this part")


def said_in_lite(spoken: Language) -> LiteWords:
    """Return the words of `slim` in a language."""
    return LiteWords(spoken.say(_ROWS), spoken.say(_BEFORE), spoken.say(_AFTER), spoken.say(_LOAD))
