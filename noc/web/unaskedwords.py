"""Why noc could not ask after a wall, in the reader's language: noc/app/segmentation.py makes it in English."""

from __future__ import annotations

from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

UNASKED: Final = (
    say("no address"),
    say("there is no way to {address} from here"),
    say("{address}, this poller's own address, is not in '{segment}'; name who asks in `pollers`"),
)
_KNOWN: Final = Sentences(UNASKED)


def unasked(text: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return a sentence in a language; what the machine itself says of an error stays as it is."""
    return _KNOWN.said(text, spoken, times, lambda value, spoken: spoken.isolated(value))
