"""Rules: all that hold, one with its file and examples, and what a change of it would have done."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from aiohttp import web

from alerts.rules.made import MADE
from alerts.rulestried import kind_of
from noc.http.problems import not_found
from noc.http.rulelook import KINDS, is_about, room_of, says
from noc.http.ruleroom import DAYS_AT_MOST, TEXT_AT_MOST, MadeNow
from noc.i18n.marking import say
from noc.model.errors import UsageError
from noc.model.incident import SEVERITIES
from noc.web.pages import WebPages
from noc.web.paging import chosen, page_of
from noc.web.rulewords import condition, in_words
from noc.web.runbooks import runbook_of

DAYS: Final = 7
NEW: Final = "new-rule"
EXAMPLE: Final = """\
kind: threshold
summary: Processor busy
severity: warning
for: 15m
classes: [router]
measurement: noc_processor
field: usage_pct
unit: percent
above: {raise: 90, clear: 80}
"""
KINDS_SAID: Final[Mapping[str, str]] = {
    "down": say("outage"),
    "threshold": say("threshold"),
    "expression": say("condition"),
    "event": say("events"),
    "burn": say("error budget"),
}
SCOPE_SAID: Final[Mapping[str, str]] = {
    "classes": say("Classes of devices"),
    "profiles": say("Profiles"),
    "regions": say("Regions"),
    "site_classes": say("Classes of sites"),
    "sites": say("Sites"),
    "device_tags": say("Tags"),
    "devices": say("Devices"),
}
_NUMBER: Final = re.compile(r"[0-9]{1,15}\Z")


async def listed(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with all rules that hold."""
    room = room_of(pages.sources, request)
    kind, severity = chosen(request, "kind", KINDS), chosen(request, "severity", SEVERITIES)
    raised, text = chosen(request, "raised", ("true",)), request.query.get("q", "").strip()[:100]
    every, made = await room.all(), await room.made()
    found = [
        one
        for one in every
        if kind in ("", kind_of(one.rule))
        and severity in ("", one.rule.severity)
        and (not raised or one.raised)
        and is_about(one, text)
    ]
    ours = [one for one in made if not (kind or severity) and (not raised or one.raised) and says(one.rule, text)]
    return pages.show(
        request,
        "rules.html",
        topics=("incidents",),
        page=page_of(found, request),
        made=ours,
        total=len(every) + len(made),
        raised_now=sum(one.raised > 0 for one in every) + sum(one.raised > 0 for one in made),
        own=sum(not one.shipped for one in every),
        off=await room.off(),
        wanted={"kind": kind, "severity": severity, "raised": raised, "q": text},
        is_filtered=bool(kind or severity or raised or text),
        kinds=KINDS,
        severities=SEVERITIES,
        kinds_said=KINDS_SAID,
        kind_of=kind_of,
        in_words=in_words,
        condition=condition,
    )


async def show(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a rule."""
    name, room = request.match_info["name"], room_of(pages.sources, request)
    if name in MADE:
        return await _made(pages, request, next(one for one in await room.made() if one.rule.name == name))
    try:
        found = await room.one(name)
    except LookupError:
        raise not_found(f"rule {name[:60]}") from None
    return pages.show(
        request,
        "rule.html",
        one=found,
        rule=found.now.rule,
        kind=kind_of(found.now.rule),
        kinds_said=KINDS_SAID,
        scope_said=SCOPE_SAID,
        in_words=in_words,
        condition=condition,
        days=DAYS,
        days_at_most=DAYS_AT_MOST,
    )


async def _made(pages: WebPages, request: web.Request, one: MadeNow) -> web.Response:
    said = await asyncio.to_thread(runbook_of, one.rule.said, pages.handbook)
    return pages.show(request, "maderule.html", one=one, rule=one.rule, runbook=said)


async def write(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with a form for a rule that is not there yet."""
    room_of(pages.sources, request)
    return _form(pages, request, NEW, EXAMPLE, DAYS)


async def play(pages: WebPages, request: web.Request) -> web.StreamResponse:
    """Begin to play the past under a rule, and go where it is seen."""
    room, form = room_of(pages.sources, request), await request.post()
    name = str(form.get("rule", "")).strip()[:200]
    text = str(form.get("text", "")).replace("\r\n", "\n")[: TEXT_AT_MOST + 1]
    days = str(form.get("days", ""))
    try:
        begun = room.play(name, text, int(days) if _NUMBER.match(days) else 0)
    except UsageError as error:
        return _form(pages, request, name, text, DAYS, str(error).splitlines())
    raise web.HTTPSeeOther(f"/what-ifs/{begun.id}")


async def played(pages: WebPages, request: web.Request) -> web.Response:
    """Answer with how far it is, or with what came of it."""
    room, number = room_of(pages.sources, request), request.match_info["number"]
    found = room.played(int(number)) if _NUMBER.match(number) else None
    if found is None:
        raise not_found(f"what-if {number[:20]}; the newest ten are kept, until noc is started again")
    answer = found.answer or {}
    return pages.show(
        request,
        "whatif.html",
        one=found,
        answer=answer,
        lists=[(word, _rows(answer, word)) for word in ("appear", "vanish", "move")],
        people=_people(answer),
        name_of=await pages.called(),
        days_at_most=DAYS_AT_MOST,
    )


def _form(
    pages: WebPages, request: web.Request, name: str, text: str, days: int, mistakes: Sequence[str] = ()
) -> web.Response:
    return pages.show(
        request,
        "newrule.html",
        http_status=400 if mistakes else 200,
        name=name,
        text=text,
        days=days,
        days_at_most=DAYS_AT_MOST,
        mistakes=mistakes,
    )


def _rows(answer: Mapping[str, object], key: str) -> Sequence[Mapping[str, object]]:
    found = answer.get(key)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _people(answer: Mapping[str, object]) -> list[tuple[str, int, int]]:
    """Return each person with how often they are called before and after the change."""
    counts: dict[str, Counter[str]] = {}
    for side in ("before", "after"):
        told = answer.get(side)
        people = told.get("people") if isinstance(told, dict) else None
        counts[side] = Counter(people if isinstance(people, dict) else {})
    names = sorted({*counts["before"], *counts["after"]})
    return [(name, counts["before"][name], counts["after"][name]) for name in names]
