"""Why a check failed, in the reader's language: pollers and noc/pipeline/endpoints.py say it in English. Pure.

Programs and the log get it as it was made; what stands in no table stays English.
"""

from __future__ import annotations

from typing import Final

from noc.i18n.language import Language
from noc.i18n.marking import say
from noc.web.sentences import Sentences
from noc.web.zones import IN_UTC, Times

CHECKED: Final = (
    say("status {status}, not {wanted}"),
    say("the answer lacks '{text}'"),
    say("the answer has nothing like '{text}'"),
    say("the answer took {time} s, more than {limit}"),
    say("the certificate expired {n} days ago"),
    say("the certificate has {n} days left, fewer than {limit}"),
    say("the certificate is not trusted: {why}"),
    say("the certificate is not valid before {time}"),
    say("the certificate does not name '{name}'"),
    say("{name} has no {type} record"),
    say("the answers lack '{text}'; there is '{other}'"),
    say("its clock is not synchronised"),
    say("it greets with {code}: {text}"),
    say("its greeting lacks '{text}'"),
    say("it does not offer STARTTLS"),
    say("{address}: no answer within {n} s"),
    say(
        "{address}: no answer to the GET of {count} objects in {n} tries of {time} s in all:"
        " it is down, filtered, or the credentials are not its own"
    ),
    say(
        "{address}: no answer to the {request} in {n} tries of {time} s in all:"
        " it is down, filtered, or the credentials are not its own"
    ),
    say("{address}: no answer to the {request} in {n} tries of {time} s in all, where others came after {mean} s"),
)
"""As they are made, as `Sentences` takes them."""

_KNOWN: Final = Sentences(CHECKED)


def checked(text: str, spoken: Language, times: Times = IN_UTC) -> str:
    """Return why a check failed; names and numbers in it keep their direction."""
    return _KNOWN.said(text, spoken, times, lambda value, spoken: spoken.isolated(value))
