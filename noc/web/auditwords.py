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
from noc.model.account import ROLES
from noc.web.faultwords import detail
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
    say("incidents put to problem record {number}"): "/problems/{number}/join",
    say("ticket for incident {number}"): "/incidents/{number}/tickets",
    say("what is known of an entity"): "/entity-notes /entity-notes/{number}/remove",
    say("window asked for"): "/maintenance /windows",
    say("carriers' notices taken in"): "/maintenance/notices /windows/import",
    say("window {number} approved"): "/maintenance/{number}/approve /windows/{number}/approve",
    say("window {number} rejected"): "/maintenance/{number}/reject /windows/{number}/reject",
    say("window {number} cancelled"): "/maintenance/{number}/cancel /windows/{number}/cancel",
    say("window {number} shortened"): "/maintenance/{number}/shorten /windows/{number}/shorten",
    say("one time of window {number} left out"): "/maintenance/{number}/leave-out /windows/{number}/leave-out",
    say("correction proposed"): "/corrections",
    say("correction {number} approved"): "/corrections/{number}/approve",
    say("correction {number} rejected"): "/corrections/{number}/reject",
    say("correction {number} withdrawn"): "/corrections/{number}/withdraw",
    say("report issued"): "/reports",
    say("report asked for"): "/report-runs",
    say("change of rules tried"): "/what-ifs",
    say("rehearsal begun"): "/rehearsal /rehearsals",
    say("rehearsal {number} cancelled"): "/rehearsal/{number}/cancel /rehearsals/{number}/cancel",
    say("stand-in written down"): "/oncall/overrides",
    say("stand-in {number} cancelled"): "/oncall/overrides/{number}/cancel",
    say("stand-ins of a calendar taken in"): "/oncall/schedules/{name}/import",
    say("hand-over written"): "/oncall/handovers",
    say("hand-over {number} accepted"): "/oncall/handovers/{number}/accept",
    say("topology drawn otherwise"): "/topology/pins /topology/release",
    say("proposal {number} ignored"): "/discovery/{number}/ignore /discovery/proposals/{number}/ignore",
    say("proposal {number} proposed again"): "/discovery/{number}/propose /discovery/proposals/{number}/propose",
    say("audit checked"): "/audit/verify",
    say("sign of life of {name}"): "/heartbeats/{name}",
    say("alerts of another system"): "/alerts",
    say("break of the tour"): "/tour/break",
    say("log-out"): "/logout",
    "account added": "/admin/people /accounts",
    "account changed": "/admin/people/{number}/change /accounts/{number}/change",
    "account invited": "/admin/people/{number}/invite /accounts/{number}/invite",
    "account reset": "/admin/people/{number}/reset /accounts/{number}/reset",
    "account disabled": "/admin/people/{number}/disable /accounts/{number}/disable",
    "account enabled": "/admin/people/{number}/enable /accounts/{number}/enable",
    "token added": "/admin/tokens /tokens",
    "token revoked": "/admin/tokens/revoke /tokens/{name}/revoke",
    "password changed": "/me/password",
    "one-time codes set up": "/me/codes /me/codes/begin",
    "one-time codes taken away": "/me/codes/end",
    "passkey set up": "/me/passkeys /me/passkeys/begin",
    "passkey taken away": "/me/passkeys/{number}/remove",
    say("passkey renamed"): "/me/passkeys/{number}/rename",
    "session ended": "/me/sessions/{key}/end",
    "other sessions ended": "/me/sessions/end-others",
}
"""Sentences, each with the addresses of pages, and of the API behind its version, that ask for it.

Of what writes its own record when it is done, this is told of what was refused.
"""

WAYS: Final[Mapping[str, str]] = {
    "session": say("browser"),
    "bearer": say("API token"),
    "source": say("another system"),
    "command": say("command line"),
    "wall": say("wall"),
}
"""How somebody came."""

_NAMES: Final[Mapping[str, str]] = {
    "account": say("Account"),
    "arguments": say("Arguments"),
    "email": "E-mail",
    "hash": say("Digest"),
    "how": "How",
    "passkey": say("Passkey"),
    "person": "Person",
    "records": "Records",
    "regions": "Regions",
    "role": "Role",
    "session": say("Session"),
    "sessions": say("Sessions"),
    "to": say("Changed to"),
    "token": "Token",
    "up_to": say("Up to record"),
    "why": "Why",
}
"""What details are called."""

_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "how": {
        "identity provider": "identity provider",
        "link": say("link"),
        "passkey": say("passkey"),
        "password": say("password"),
    },
    "regions": {"all": "all regions"},
    "role": {str(role): role for role in ROLES},
    "why": {"no group": say("no group gives a role")},
}
"""Values that are words of noc."""

_CHANGED: Final = re.compile(r"(?:\A|, )(role|person|email) ")
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


def way(name: str, spoken: Language) -> str:
    """Return how somebody came."""
    return spoken.say(WAYS[name]) if name in WAYS else name


def details(kept: Mapping[str, str | int | None], spoken: Language) -> list[tuple[str, str]]:
    """Return the details of a record as names and values; names of people and things, and commands, as they are kept.

    What of an account was changed stands apart, each with its name.
    """
    found: list[tuple[str, str]] = []
    for name, value in kept.items():
        if value is None:
            continue
        text = str(value)
        found.append((_named(name, spoken), "" if name == "to" else _value(name, text, spoken)))
        if name == "to":
            parts = _CHANGED.split(text)
            found += [
                (_named(what, spoken), _value(what, so, spoken))
                for what, so in zip(parts[1::2], parts[2::2], strict=True)
            ]
    return found


def _named(name: str, spoken: Language) -> str:
    return spoken.say(_NAMES[name]) if name in _NAMES else name


def _value(name: str, text: str, spoken: Language) -> str:
    word = _WORDS.get(name, {}).get(text)
    if word is not None:
        return spoken.say(word)
    return detail(text, spoken) if name == "why" else text


def meant(words: str, spoken: Language) -> tuple[str, ...]:
    """Return what records hold, as patterns of LIKE, of which a reader's words stand in the sentence."""
    wanted = words.casefold()

    def fits(text: str) -> bool:
        return bool(wanted) and wanted in spoken.say(text).casefold()

    kept = [text for text in DEEDS if fits(text)]
    kept += [address for text, addresses in ASKED.items() if fits(text) for address in addresses.split()]
    return tuple(f'%{re.sub("{.*?}", "%", one)}"%' for one in kept)
