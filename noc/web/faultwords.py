"""Errors in the reader's language: titles by status, details by what they look like. Pure.

Errors are made in English, far from pages, and programs get them so. Those that people meet on pages stand here as
they are written; one that doesn't stays English.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

TITLES: Final[Mapping[int, str]] = {
    400: say("Bad request"),
    401: say("Not logged in"),
    403: say("Forbidden"),
    404: say("Not found"),
    405: say("Method not allowed"),
    409: say("Conflict"),
    413: say("Request too large"),
    429: say("Too many requests"),
    500: say("Internal server error"),
    503: say("Service unavailable"),
}

DETAILS: Final = (
    say("there is nothing at this address"),
    say("there is no device {name}"),
    say("there is no site {name}"),
    say("there is no incident {name}"),
    say("there is no window {name}"),
    say("there is no correction {name}"),
    say("there is no report {name}"),
    say("there is no rule {name}"),
    say("there is no {what}"),
    say("this address doesn't take this method"),
    say("the request is larger than noc takes"),
    say("noc made a mistake; its log tells more under {number}"),
    say("the store of time series can't be asked now; try again later"),
    say("the state database can't be asked now; try again later"),
    say("another site sent this request; nothing was done"),
    say("too many wrong tokens from this address"),
    say("{name} must be one of {known}"),
    say("{name} must be a number from 1 on"),
    say("{name} must be a month such as {example}, or one of {known}"),
    say("{name}: the inventory has no '{entity}'"),
    say("{name}: it has {n} characters, {limit} at most are kept"),
    say("to: a window must end after it begins"),
    say("to: a window is at most {n} days long"),
    say("to: this time is over, and the past can't be planned; propose a correction"),
    say("from: that is more than ten years ahead"),
    say("to: a correction must end after it begins"),
    say("to: a correction is of time that is over; for work that is to come ask for a window"),
    say("to: a correction is of {n} days at most"),
    say("who: say who proposes it"),
    say("why: say why that is so"),
    say("pick the file of a notice (.ics)"),
    say("pick {n} incidents at most"),
    say("there is no report '{name}'"),
    say("'{zone}' is no time zone; write one such as Africa/Nairobi"),
    say("the inventory has no '{entity}' that you may see"),
    say("carriers' notices are taken in by those who may see all regions"),
    say("incident {number} is {person}'s; take it over first (own)"),
    say("incident {number} is not resolved; nothing was changed"),
    say("incident {number} is not resolved; resolve it first"),
    say("incident {number} is closed, since {time}; nothing was changed"),
    say("incident {number} became one of incident {other}; do it there"),
    say("incident {number} is resolved, since {time}, by {person}; nothing was changed"),
    say("{n} rehearsals are being played or wait for that; ask again when one is done"),
    say("the password until now is another"),
    say("the password is another"),
    say("password or code is wrong"),
    say("this code is wrong: is the clock of the phone right?"),
    say("the two are not the same"),
    say("too many wrong tries; wait a minute"),
    say("this takes an account of your own; you came without one"),
    say("this is for those who may see all regions"),
    say("there is an account '{name}' already"),
    say("'{name}' is the last admin who may log in; make another one first"),
    say("'{name}' is no name of an account: letters, digits, . _ @ + -, {n} at most"),
    say("there is a token '{name}' already, or was: the audit tells by names, so take another"),
    say("'{name}' is no name of a token: small letters, digits, . _ @ + -"),
    say("the role {role} hasn't the right to {rights}"),
    say("pick a region, or all of them"),
    say("nobody changes their own role"),
    say("nobody shuts themselves out"),
    say("{name} is no time; write it as {example}"),
    say("{name} must be before {other}"),
    say("{name} must be in the past"),
    say("none of your groups gives a role in noc"),
    say("none of your groups opens a region in noc"),
    say("your account is disabled in noc"),
    say("here people log in by the identity provider; only admins have passwords"),
    say("incident {number} is closed, since {time}; it stays so"),
    say("{time} has passed; an acknowledgement ends later than now"),
    say("an override that ended at {time} changes nothing any more"),
    say("override {number} was cancelled at {time}, nothing was changed"),
    say("override {number} was over at {time}, nothing was changed"),
    say("at {time} {names} hands over, not '{person}'; say who with --by"),
    say("hand-over {number} of it was accepted at {time}"),
)
"""Details as they are made, as `Sentences` takes them."""

_KNOWN: Final = Sentences(DETAILS)
_POINTER: Final = re.compile(r"\A/(?:query|body|path)/(\w+): ")
_STOPS: Final = (".", "!", "?", "。")


def title(status: int, otherwise: str, spoken: Language) -> str:
    """Return what an HTTP status means. otherwise: its English phrase, for one that stands in no table."""
    return spoken.say(TITLES[status]) if status in TITLES else otherwise.capitalize()


def detail(text: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return an error as a sentence: with a capital letter and a full stop, and a parameter without its pointer.

    What begins with the name of a file keeps it as it is.
    """
    said = _KNOWN.said(_POINTER.sub(r"\1 ", text), spoken, times)
    stop = "。" if spoken.tag == "zh" and not said.isascii() else "."
    first = said[:1] if "/" in said.partition(" ")[0] else said[:1].upper()
    return f"{first}{said[1:]}{'' if not said or said.endswith(_STOPS) else stop}"
