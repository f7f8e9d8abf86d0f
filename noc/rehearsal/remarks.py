"""Remarks of a rehearsal: what a scenario asked for that could not be, and what people said; in a reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from noc.i18n.language import Language

RemarkKind = Literal["not failed", "none to ack", "none to resolve", "refused", "said"]


@dataclass(frozen=True, slots=True)
class Remark:
    """Something for the record. event: of the scenario, from 0; None where none says so.

    what: it is about: an entity, `root`, `all`, or the words of somebody, which stay as they are. who: said them.
    """

    at_ms: int
    event: int | None
    kind: RemarkKind
    what: str
    who: str = ""


def words(say: Language, remark: Remark, called: Callable[[str], str] = str) -> str:
    """Return a remark as people read it. called: what people are called."""
    thing = whose(say, remark.what)
    match remark.kind:
        case "not failed":
            return say.say("{thing} had not failed", thing=thing)
        case "none to ack":
            return say.say("no open incident to acknowledge: {thing}", thing=thing)
        case "none to resolve":
            return say.say("no open incident to resolve: {thing}", thing=thing)
        case "refused":
            return remark.what
        case "said":
            return say.say("{thing}: {summary}", thing=called(remark.who), summary=remark.what)


def whose(say: Language, name: str) -> str:
    """Return whose incident is meant, by the word of a scenario."""
    known = {"root": say.say("what failed first"), "all": say.say("all that is open")}
    return known.get(name, name)
