"""What of a rehearsal is not as its scenario expects, in the reader's language: noc/rehearsal/expected.py makes it.

It is made in another process, in English, and programs get it so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from alerts.incidentwords import NOTICE_WORDS
from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

EXPECTED: Final = (
    say("{person} must hear of nothing, but was told: {message}"),
    say("{person} is sent {number} pages and escalations, at most {limit} are expected"),
    say("{number} incidents are expected, there are {found}: {names}"),
    say("no incident of {entity}; there are: {names}"),
    say("{entity}: opened {seconds}s after the first failure, expected within {duration}"),
    say("{entity}: is {state} at the end"),
    say("{entity}: has priority {number}, expected is {wanted}"),
    say("{entity}: doesn't explain {names}"),
    say("an incident of {entity} ({rule}) is not expected"),
    say("a message to {call} is expected; the nearest is {message}"),
    say("a message to {call} is expected; {person} is told nothing"),
    say("a {kind} to {call} is expected; the nearest is {message}"),
    say("a {kind} to {call} is expected; {person} is told nothing"),
    say("{service} is down from {start} to {end}"),
)
_STATES: Final = frozenset(("new", "acknowledged", "in_progress", "resolved", "closed"))
_KINDS: Final[Mapping[str, str]] = {str(kind): word for kind, word in NOTICE_WORDS.items()}
_KNOWN: Final = Sentences(EXPECTED)
_MESSAGE: Final = re.compile(rf"(?P<kind>{'|'.join(_KINDS)}) at (?P<time>.+?) by (?P<channel>[^\s:]+): (?P<said>.*)")
_CALL: Final = re.compile(
    r"(?P<person>\S+?)(?: by (?P<channel>[^\s\d]\S*))?(?: not before (?P<after>\S+))?(?: by (?P<until>\d\S*))?"
)


def expected(text: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return a sentence in a language; names in it keep their direction."""
    return _KNOWN.said(text, spoken, times, _value)


def _value(text: str, spoken: Language) -> str:
    if text in _KINDS:
        return spoken.say(_KINDS[text])
    if text in _STATES:
        return spoken.say(text.replace("_", " "))
    message = _MESSAGE.fullmatch(text)
    if message is not None:
        named = {name: spoken.isolated(message[name]) for name in ("time", "channel", "said")}
        word = _KINDS[message["kind"]]
        return spoken.say("{kind} at {time} by {channel}: {said}", kind=spoken.say(word), **named)
    call = _CALL.fullmatch(text)
    return spoken.isolated(text) if call is None else _called(call, spoken)


def _called(call: re.Match[str], spoken: Language) -> str:
    """Return who is to be called, by which way, and when."""
    parts = [spoken.isolated(call["person"])]
    if call["channel"]:
        parts.append(spoken.say("by {channel}", channel=spoken.isolated(call["channel"])))
    if call["after"]:
        parts.append(spoken.say("not before {time}", time=spoken.isolated(call["after"])))
    if call["until"]:
        parts.append(spoken.say("within {time}", time=spoken.isolated(call["until"])))
    return spoken.comma.join(parts)
