"""Words, made at the edge: the message that tells one person of one change of an incident, in their language. Pure.

An incident keeps keys and values; what a device or a person wrote into them is made harmless here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from typing import Final

from alerts import phrases
from alerts.mailpage import Link, MailPage
from alerts.rules.runbook import FACT as RUNBOOK
from alerts.scene import Scene
from alerts.shorttext import fitted, room
from alerts.windows import SINCE, UNTIL
from noc.availability.times import parse
from noc.i18n.dates import clock, offset
from noc.i18n.deviceclasses import CLASS_NAMES
from noc.i18n.language import Language, language
from noc.model.incident import Entry, Fact, Incident, Notice
from noc.model.instants import from_ms

SUBJECT_AT_MOST: Final = 200
VALUE_AT_MOST: Final = 500
SAID_AT_MOST: Final = 2_000
NAMED_AT_MOST: Final = 5
SIMULATED: Final = "[SIMULATED] "
LINK_IN_SHORT: Final = 80
"""Characters of a link that still goes into a short text."""

_UNSAFE: Final = {"Cc", "Cs", "Zl", "Zp"}
_BIDI: Final = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Marks that change the direction of what follows: with them a device could write one name and show another."""

_ISOLATE: Final = "\N{FIRST STRONG ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"
_TIMES: Final = frozenset((SINCE, UNTIL))
"""Facts that are times in ISO 8601."""

_AS_THEY_ARE: Final = frozenset(("summary", "status", "sensor_status")) | _TIMES
"""Facts that are looked up in the reader's language, or read."""


@dataclass(frozen=True, slots=True)
class Words:
    """A message in words. html is a whole document; short fits into one SMS."""

    subject: str
    text: str
    html: str
    short: str


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom words are made. tag: of the language. zone: where they are, None where nobody said."""

    tag: str = "en"
    zone: tzinfo | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What is known beside the incident itself.

    symptoms: how many others it explains; named: some of their entities. notes: what people know of the entity.
    ack_url: with which the reader acknowledges. by_reply: an answer to the message is read. said: what somebody said of
    a major incident.
    """

    symptoms: int = 0
    named: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    ack_url: str | None = None
    by_reply: bool = False
    said: Entry | None = None


def clean(text: str, at_most: int = VALUE_AT_MOST) -> str:
    """Return text that can stand in a header or a line: control and direction characters are shown as escapes."""
    shown = "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _UNSAFE or char in _BIDI
        else char
        for char in text[: at_most + 1]
    )
    return _cut(shown, at_most)


def words(
    incident: Incident,
    notice: Notice,
    scene: Scene,
    now_ms: int,
    base_url: str | None = None,
    *,
    reader: Reader = Reader(),
    context: Context = Context(),
    simulated: bool = False,
) -> Words:
    """Return the message of a notice, as things stand now. base_url: of noc's pages, for the link.

    Raises ValueError where there is no such language.
    """
    say = language(reader.tag)
    incident, what_to_do = _what_to_do(incident, base_url)
    incident, scene = harmless(incident, scene, isolated=say.direction == "rtl")
    prefix = SIMULATED if simulated else ""
    subject = _cut(f"{prefix}{phrases.lead(say, notice.kind, phrases.title(say, incident, scene))}", SUBJECT_AT_MOST)
    rows = [(label, _cut(value, VALUE_AT_MOST)) for label, value in _rows(say, incident, scene, reader, now_ms)]
    url = None if base_url is None else f"{base_url}/incidents/{incident.id}"
    said = () if context.said is None else (_said(say, context.said, isolated=say.direction == "rtl"),)
    heading, line = (_cut(one, VALUE_AT_MOST) for one in _opening(say, incident, notice, scene))
    below = said
    if notice.kind == "update" and said:
        heading, line, below = said[0], "", (say.say("{what}. {why}", what=heading, why=line),)
    page = MailPage(
        subject,
        None if notice.kind == "resolved" else incident.severity,
        heading,
        line,
        rows,
        (*below, *_notes(say, context)),
        _links(say, url, context, None if notice.kind == "resolved" else what_to_do),
        say.say("This is an exercise in a simulated network; nothing real is affected.") if simulated else "",
    )
    short = _short(say, incident, notice, scene, context, prefix)
    if notice.kind == "update" and said:
        texts = (f"#{incident.id} {phrases.what(say, incident, scene)}: {said[0]}", f"#{incident.id} {said[0]}")
        short = fitted([prefix + phrases.lead(say, notice.kind, text) for text in texts])
    return Words(subject, _text(page), page.document(say), short)


def moment(
    time_ms: int, there: tzinfo | None, say: Language, yours: tzinfo | None = None, *, planned: bool = False
) -> str:
    """Return a time in UTC, beside it at the place, and at the reader's where that is another time.

    `1 Mar 2026, 00:00:00 UTC (there 03:00 EAT, with you 1 Mar 2026, 01:00 CET)`. planned: to the minute, and with the
    day of the week.
    """
    utc = from_ms(time_ms)
    at = f"{say.dates.moment(utc, weekday=planned, seconds=not planned)} UTC"
    beside = []
    if there is not None:
        beside.append(say.say("there {time}", time=_beside(utc, utc.astimezone(there), say)))
    if yours is not None:
        local = utc.astimezone(yours)
        if there is None or local.utcoffset() != utc.astimezone(there).utcoffset():
            beside.append(say.say("with you {time}", time=_beside(utc, local, say)))
    return f"{at} ({', '.join(beside)})" if beside else at


def _beside(utc: datetime, local: datetime, say: Language) -> str:
    """Return a time elsewhere, with its day where that is another, and the short name of its zone."""
    shown = clock(local) if local.date() == utc.date() else say.dates.moment(local)
    name = f"{local:%Z}"
    return f"{shown} {name if name.isalpha() else say.isolated(offset(local))}"


def harmless(incident: Incident, scene: Scene, *, isolated: bool) -> tuple[Incident, Scene]:
    """Return both with all that others wrote made harmless. isolated: each keeps its own direction."""

    def made(text: str) -> str:
        return f"{_ISOLATE}{clean(text)}{_END}" if isolated else clean(text)

    def fact(key: str, value: Fact) -> Fact:
        if not isinstance(value, str):
            return value
        return clean(value) if key in _AS_THEY_ARE else made(value)

    facts = {clean(key, 60): fact(key, value) for key, value in incident.facts.items() if value is not None}

    def known(text: str | None) -> str | None:
        return None if text is None else made(text)

    placed = Scene(
        device=known(scene.device),
        device_class=scene.device_class,
        address=scene.address,
        part=None if scene.part is None else replace(scene.part, name=made(scene.part.name)),
        circuit=known(scene.circuit),
        provider=known(scene.provider),
        service=known(scene.service),
        endpoint=known(scene.endpoint),
        site=known(scene.site),
        region=known(scene.region),
        other=None if scene.other is None else (clean(scene.other[0]), made(scene.other[1])),
        zone=scene.zone,
    )
    cleaned = replace(
        incident,
        entity=made(incident.entity),
        rule=clean(incident.rule),
        facts=facts,
        acknowledged_by=known(incident.acknowledged_by),
        resolved_by=known(incident.resolved_by),
    )
    return cleaned, placed


def _opening(say: Language, incident: Incident, notice: Notice, scene: Scene) -> tuple[str, str]:
    """Return what is wrong, and in a line of its own why the reader is told."""
    what = phrases.what(say, incident, scene)
    seen = "" if notice.kind == "resolved" else phrases.seen(say, incident)
    if seen:
        what = say.say("{what} ({seen})", what=what, seen=seen)
    if incident.resolved_ms is not None and notice.kind != "resolved":
        return what, say.say("It is over already; this message was late.")
    why = phrases.why_you(say, notice.kind)
    if notice.instead_of is not None:
        return what, say.say("{why} It comes this way because another way failed.", why=why)
    return what, why


def _said(say: Language, entry: Entry, *, isolated: bool) -> str:
    """Return what somebody said, in a line."""
    text = " ".join(clean(line, SAID_AT_MOST) for line in str(entry.facts.get("text") or "").split("\n"))
    who, text = clean(entry.who or "?"), _cut(text.strip(), SAID_AT_MOST)
    if isolated:
        who, text = f"{_ISOLATE}{who}{_END}", f"{_ISOLATE}{text}{_END}" if text else ""
    return phrases.said(say, entry, text, who)


def _rows(say: Language, incident: Incident, scene: Scene, reader: Reader, now_ms: int) -> Iterator[tuple[str, str]]:
    """Yield what is known, as label and value."""
    part = None if scene.part is None else phrases.part(say, scene.part.kind, scene.part.name)
    parts = {
        say.say("Site"): scene.site,
        say.say("Region"): scene.region,
        say.say("Device"): scene.device,
        say.say("Part"): part,
        say.say("Circuit"): scene.circuit,
        say.say("Provider"): scene.provider,
        say.say("Application"): phrases.application(say, scene),
        say.say("Class"): scene.device_class and say.say(CLASS_NAMES.get(scene.device_class, scene.device_class)),
        say.say("Address"): scene.address,
        say.say("Severity"): phrases.severity(say, incident.severity),
        say.say("Priority"): str(incident.priority),
        say.say("Rule"): incident.rule,
    }
    yield from ((label, value) for label, value in parts.items() if value)
    yield from _times(say, incident, scene, reader, now_ms)
    known = phrases.labels(say)
    for key, value in incident.facts.items():
        if value is not None and key not in phrases.UNTOLD:
            said = _read(str(value), scene, say, reader) if key in _TIMES else phrases.written(value)
            yield phrases.label(known, key), said


def _read(text: str, scene: Scene, say: Language, reader: Reader) -> str:
    """Return a time of ISO 8601 as messages have it; what is none as it stands."""
    try:
        return moment(parse(text), scene.zone, say, reader.zone, planned=True)
    except ValueError:
        return text


def _times(say: Language, incident: Incident, scene: Scene, reader: Reader, now_ms: int) -> Iterator[tuple[str, str]]:
    def at(time_ms: int) -> str:
        return moment(time_ms, scene.zone, say, reader.zone)

    def by(time_ms: int, who: str | None) -> str:
        return at(time_ms) if not who else say.say("{time} by {person}", time=at(time_ms), person=who)

    yield say.say("Since"), at(incident.since_ms)
    if incident.resolved_ms is None:
        yield say.say("For"), say.length((now_ms - incident.since_ms) / 1000)
    if incident.major_ms is not None:
        yield say.say("Major incident since"), at(incident.major_ms)
    if incident.acknowledged_ms is not None:
        yield say.say("Acknowledged"), by(incident.acknowledged_ms, incident.acknowledged_by)
    if incident.resolved_ms is not None:
        yield say.say("Resolved"), by(incident.resolved_ms, incident.resolved_by)
        yield say.say("Lasted"), say.length((incident.resolved_ms - incident.since_ms) / 1000)


def _notes(say: Language, context: Context) -> tuple[str, ...]:
    """Return paragraphs: what it explains, and what people know of the entity."""
    found = []
    if context.symptoms:
        names = say.comma.join(clean(name.removeprefix("device/")) for name in context.named[:NAMED_AT_MOST])
        text = say.say("It explains {n} more: {names}", n=say.number(context.symptoms), names=names)
        found.append(f"{text}, …" if context.symptoms > len(context.named[:NAMED_AT_MOST]) else text)
    found += [say.say("Known of it: {note}", note=clean(note)) for note in context.notes]
    return tuple(found)


def _what_to_do(incident: Incident, base_url: str | None) -> tuple[Incident, str | None]:
    """Return an incident without its runbook, and that, where it is a page of noc; others stay facts, as text."""
    said = incident.facts.get(RUNBOOK)
    if base_url is None or not isinstance(said, str) or not said.startswith(f"{base_url}/"):
        return incident, None
    return replace(incident, facts={key: one for key, one in incident.facts.items() if key != RUNBOOK}), said


def _links(say: Language, url: str | None, context: Context, what_to_do: str | None) -> tuple[Link, ...]:
    """Return what can be done, each with its link."""
    found: list[Link] = []
    if context.ack_url is not None:
        found.append(Link(say.say("Own it, without logging in:"), context.ack_url, say.say("I own it"), is_first=True))
    if context.by_reply:
        found.append(Link(say.say("Or answer this message: ack, resolve, or any text as a note.")))
    if what_to_do is not None:
        found.append(Link(say.say("What to do:"), what_to_do, say.say("What to do")))
    if url is not None:
        found.append(Link(say.say("All that is known:"), url, say.say("All that is known")))
    return tuple(found)


def _short(say: Language, incident: Incident, notice: Notice, scene: Scene, context: Context, prefix: str) -> str:
    """Return the message in one SMS, with the link to acknowledge where there is room for it."""
    what = phrases.what(say, incident, scene)
    numbered = f"#{incident.id} {what}"
    severe = say.say("{severity}: {what}", severity=phrases.severity(say, incident.severity), what=what)
    at = f"{from_ms(incident.since_ms):%H:%M}Z"
    full = phrases.lead(say, notice.kind, f"#{incident.id} {severe}")
    place = full if not scene.site or scene.site in what else f"{full}, {scene.site}"
    more = f" +{context.symptoms}" if context.symptoms else ""
    wordings = [f"{prefix}{text}" for text in (f"{place}, {at}{more}", f"{place}{more}", full, numbered)]
    link = context.ack_url
    if link is not None and len(link) <= LINK_IN_SHORT and room(fitted(wordings)) is not None:
        return fitted([f"{text} {link}" for text in wordings] + wordings)
    return fitted(wordings)


def _text(page: MailPage) -> str:
    """Return it as text alone."""
    width = max(len(label) for label, _ in page.rows)
    lines = [
        page.opening,
        *((page.line,) if page.line else ()),
        "",
        *(f"{label:<{width}}  {value}" for label, value in page.rows),
    ]
    for note in page.notes:
        lines += ["", note]
    for link in page.links:
        lines += ["", link.said, *(() if link.address is None else (link.address,))]
    if page.closing:
        lines += ["", page.closing]
    return "\n".join(lines) + "\n"


def _cut(text: str, at_most: int) -> str:
    return text if len(text) <= at_most else f"{text[: at_most - 1]}…"
