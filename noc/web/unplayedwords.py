"""What of a past, or of a scenario, could not be played, in the reader's language: noc/rehearsal/unplayed.py makes it.

It is made in another process, in English, and programs get it so.
"""

from __future__ import annotations

import re
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

UNPLAYED: Final = (
    say("of rules over numbers and events those that don't differ were left out, as asked"),
    say("the ledger is empty: no outage was played again"),
    say("the ledger begins at {time}: of outages before nothing is known"),
    say("numbers that no store keeps (of noc itself, neighbours, addresses of ports): {names} could not be raised"),
    say("the store has no number of {names} in this time: nothing came of {rules}"),
    say("numbers of {names} begin at {time} or later"),
    say("of class {name} the store has no numbers as they were measured at any time, only roll-ups: not played again"),
    say(
        "of class {name} the store has no numbers as they were measured before {time}, only roll-ups: not played again"
    ),
    say("{measurement} of the network has too many series to be read at once: not played again"),
    say("{measurement} of {place} has too many series to be read at once: not played again"),
    say("no events are kept: nothing came of {names}"),
    say("the oldest event that is kept came at {time}"),
    say("events that came again are kept as one counted row, and were played when the last of each came"),
    say("what was usual before could not be learned ({why}): {names}"),
    say("the store is too young to say what was usual before: {names} could not be raised"),
    say("which profile a device was found to have isn't kept: {names} saw written ones alone"),
    say("it took longer than {n} minutes; ask for fewer days, or run noc rules what-if"),
    say("it took longer than {n} minutes; shorten it, or run noc rehearse"),
    say("it can't be played: {why}"),
    say("it ended with exit code {n} and without a word; see the log of noc"),
    say("cancelled by {person}"),
)
MORE: Final = say("{names} and {n} more")
_KNOWN: Final = Sentences(UNPLAYED)
_MORE: Final = re.compile(r"(?P<names>.+) and (?P<n>[0-9]+) more")


def unplayed(text: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return a sentence in a language; names in it keep their direction."""
    return _KNOWN.said(text, spoken, times, _value)


def _value(text: str, spoken: Language) -> str:
    more = _MORE.fullmatch(text)
    if more is None:
        return spoken.isolated(text)
    return spoken.say(MORE, names=spoken.isolated(more["names"]), n=more["n"])
