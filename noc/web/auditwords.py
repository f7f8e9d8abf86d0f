"""What records of the audit say was done, in the reader's language, and what of it a reader's own words mean. Pure.

Records are kept in English, as they were made; programs and files get them so. What pages and the API were asked to do
is kept as method and address, and told as a sentence where one stands here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

DEEDS: Final = (
    *(say("log-in"), say("log-in by token"), say("wall opened"), say("audit pruned")),
    *(say("account added"), say("account changed"), say("account invited"), say("account reset")),
    *(say("account disabled"), say("account enabled"), say("password chosen"), say("password changed")),
    *(say("one-time codes set up"), say("one-time codes taken away")),
    *(say("passkey set up"), say("passkey taken away"), say("passkey refused: there is a copy of it")),
    *(say("session ended"), say("sessions ended"), say("other sessions ended"), say("token added")),
    *(say("token revoked"), say("looked at the audit"), say("looked at the settings")),
    say("looked at the configuration of {name}"),
)
"""As they are made, as `Sentences` takes them."""

ASKED: Final[Mapping[str, str]] = {
    say("incidents acknowledged"): "/problems/acknowledge",
    say("incident {number} acknowledged"): "/incidents/{number}/acknowledge",
    say("incident {number} taken over"): "/incidents/{number}/own",
    say("work on incident {number} begun"): "/incidents/{number}/start",
    say("incident {number} resolved"): "/incidents/{number}/resolve",
    say("incident {number} reopened"): "/incidents/{number}/reopen",
    say("incident {number} closed"): "/incidents/{number}/close",
    say("incident {number} declared major"): "/incidents/{number}/major",
    say("incident {number} no major incident any more"): "/incidents/{number}/not-major",
    say("priority of incident {number} set"): "/incidents/{number}/priority /incidents/{number}/release-priority",
    say("status update of incident {number}"): "/incidents/{number}/update /incidents/{number}/updates",
    say("note on incident {number}"): "/incidents/{number}/note /incidents/{number}/notes",
    say("what is known of the entity of incident {number}"): "/incidents/{number}/know",
    say("problem record begun"): "/problem-records /problems",
    say("problem record {number} changed"): "/problem-records/{number} /problems/{number}",
    say("window asked for"): "/maintenance /windows",
    say("carriers' notices taken in"): "/maintenance/notices /windows/import",
    say("window {number} approved"): "/maintenance/{number}/approve /windows/{number}/approve",
    say("window {number} rejected"): "/maintenance/{number}/reject /windows/{number}/reject",
    say("window {number} cancelled"): "/maintenance/{number}/cancel /windows/{number}/cancel",
    say("window {number} shortened"): "/maintenance/{number}/shorten /windows/{number}/shorten",
    say("correction proposed"): "/corrections",
    say("correction {number} approved"): "/corrections/{number}/approve",
    say("correction {number} rejected"): "/corrections/{number}/reject",
    say("correction {number} withdrawn"): "/corrections/{number}/withdraw",
    say("report issued"): "/reports",
    say("change of rules tried"): "/what-ifs",
    say("rehearsal begun"): "/rehearsal /rehearsals",
    say("rehearsal {number} cancelled"): "/rehearsal/{number}/cancel /rehearsals/{number}/cancel",
    say("stand-in written down"): "/oncall/overrides",
    say("stand-in {number} cancelled"): "/oncall/overrides/{number}/cancel",
    say("hand-over written"): "/oncall/handovers",
    say("hand-over {number} accepted"): "/oncall/handovers/{number}/accept",
    say("topology drawn otherwise"): "/topology/pins /topology/release",
    say("proposal {number} ignored"): "/discovery/{number}/ignore",
    say("proposal {number} proposed again"): "/discovery/{number}/propose",
    say("audit checked"): "/audit/verify",
    say("sign of life of {name}"): "/heartbeats/{name}",
    say("log-out"): "/logout",
}
"""Sentences, each with the addresses of pages, and of the API behind its version, that ask for it."""

_KNOWN: Final = Sentences(DEEDS)
_REQUEST: Final = re.compile(r"(?:POST|PUT|PATCH|DELETE) (?:/api/v1)?(?P<path>/.*)")
_NAME: Final = re.compile(r"\\{(\w+)\\}")
_READ: Final = tuple(
    (re.compile(_NAME.sub(r"(?P<\1>[^/]+)", re.escape(address))), text)
    for text, addresses in ASKED.items()
    for address in addresses.split()
)


def done(what: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return what was done as a sentence; as it is kept, where none stands here."""
    request = _REQUEST.fullmatch(what)
    if request is None:
        return _KNOWN.said(what, spoken, times, lambda value, spoken: spoken.isolated(value))
    for pattern, text in _READ:
        found = pattern.fullmatch(request["path"])
        if found is not None:
            return spoken.say(text, **{name: spoken.isolated(value) for name, value in found.groupdict().items()})
    return what


def meant(words: str, spoken: Language) -> tuple[str, ...]:
    """Return what records hold, as patterns of LIKE, of which a reader's words stand in the sentence."""
    wanted = words.casefold()
    texts = [text for text in (*DEEDS, *ASKED) if wanted and wanted in spoken.say(text).casefold()]
    kept = [one for text in texts for one in ASKED.get(text, text).split(" " if text in ASKED else "\n")]
    return tuple(f'%{re.sub("{.*?}", "%", one)}"%' for one in kept)
