"""How pages and API look for rules: who may, and which are asked for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Literal

from aiohttp import web

from alerts.rules.made import Made
from alerts.rulestried import shown
from noc.http.problems import not_found
from noc.http.ruleroom import RuleNow, RuleRoom
from noc.http.scope import scope
from noc.http.sources import Sources

RuleKind = Literal["down", "threshold", "expression", "event", "burn"]
KINDS: Final[tuple[RuleKind, ...]] = ("down", "threshold", "expression", "event", "burn")


def room_of(sources: Sources, request: web.Request) -> RuleRoom:
    """Return what answers. Raises ProblemError: 404 for those who may not see the whole network."""
    if sources.rules is None or not scope(request).everything:
        raise not_found("rules; they are of the whole network, for those who may see all of it")
    return sources.rules


def is_about(one: RuleNow, words: str) -> bool:
    """Tell whether all words of a search stand in a rule."""
    rule = one.rule
    given = [name for names in rule.selection.shown.values() for name in names]
    return _has((rule.name, rule.summary, rule.owner or "", shown(rule), *given), words)


def says(rule: Made, words: str) -> bool:
    """Tell whether all words of a search stand in a rule that noc makes itself."""
    return _has((rule.name, rule.summary, rule.watches), words)


def _has(texts: Iterable[str], words: str) -> bool:
    text = " ".join(texts).casefold()
    return all(word in text for word in words.casefold().split())
