"""Words that several reports share: names of periods, causes, verdicts, kinds; the heading and the method. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from noc.availability.periods import Named
from noc.i18n.language import Language
from noc.model.instants import from_ms
from noc.reports.frame.asked import Answer, Head, Issue
from noc.reports.frame.document import Fact, Paragraph, Said, Section

SHORT: Final = 16
"""So many digits of a checksum are shown where there is no room for all."""


def cause_word(cause: str, language: Language) -> Said:
    """Return a cause of down time."""
    words = {
        "carrier": language.say("Carrier"),
        "satellite_weather": language.say("Weather on the satellite link"),
        "sun_transit": language.say("Sun transit"),
        "power": language.say("Power"),
        "lan": language.say("Local network"),
        "device": language.say("Device"),
        "third_party": language.say("Third party"),
        "planned": language.say("Planned, entered late"),
        "false_reading": language.say("False reading"),
        "unknown": language.say("Not explained"),
    }
    return Said(cause, words.get(cause, cause))


def causes_said(causes: Mapping[str, float], language: Language) -> Said:
    """Return the causes of an outage, the longest first: one alone without its length."""
    ordered = sorted(causes.items(), key=lambda item: (-item[1], item[0]))
    if len(ordered) == 1:
        return cause_word(ordered[0][0], language)
    parts = (f"{cause_word(cause, language).text} ({language.length(spent)})" for cause, spent in ordered)
    return Said("+".join(cause for cause, _ in ordered), " · ".join(parts))


def verdict_word(verdict: str | None, language: Language) -> Said | None:
    """Return what can be said of a target; None where there is none."""
    words = {
        "met": language.say("met"),
        "missed": language.say("missed"),
        "not shown": language.say("not shown"),
    }
    return None if verdict is None else Said(verdict, words[verdict])


def kind_word(kind: str, language: Language) -> str:
    """Return what the rows of a table are."""
    words = {
        "network": language.say("Network"),
        "region": language.say("Region"),
        "site": language.say("Site"),
        "device": language.say("Device"),
        "circuit": language.say("Circuit"),
        "service": language.say("Service"),
    }
    return words[kind]


def period_words(named: Named, language: Language) -> str:
    """Return a period as people call it: October 2026, Q4 2026, 2026, 2026–2027."""
    year = named.text[:4]
    match named.unit:
        case "month":
            return language.month(date.fromisoformat(f"{named.text}-01"))
        case "quarter":
            return language.quarter(date(int(year), 3 * int(named.text[-1]) - 2, 1))
        case "year":
            return year
        case "biennium":
            return language.say("Biennium {first}–{last}", first=year, last=named.text[-4:])
        case _:
            zone = named.zone
            start, end = language.moment(named.period.start, zone), language.moment(named.period.end, zone)
            return language.say("{start} to {end}", start=start, end=end)


def simulation(language: Language) -> Fact:
    """Return what stands first in the heading where nothing is real."""
    return Fact(language.say("SIMULATED"), language.say("none of these devices is real"))


def heading(answer: Answer, issue: Issue | None, language: Language) -> list[Fact]:
    """Return what stands beside the title: the period, as known at what record, the number, the checksums."""
    head = answer.head
    zone, known, part = head.asked.zone, head.known_at, head.slice
    start, end = (language.moment(moment, zone) for moment in (head.start_ms, head.end_ms))
    number = language.say("Draft, not kept") if issue is None else language.number(issue.number)
    if part.records:
        said = language.count("{n} record, {first} to {last}", "{n} records, {first} to {last}", part.records,
                              first=language.number(part.first), last=language.number(part.last))  # fmt: skip
    else:
        said = language.say("no record")
    facts = [
        *([simulation(language)] if head.simulated else ()),
        Fact(language.say("Period"), language.say("{start} to {end}", start=start, end=end), beside=zone),
        Fact(language.say("Number of this issue"), number),
        Fact(
            language.say("As known at"),
            language.say("record {number}", number=language.number(known.record)),
            beside=language.moment(known.time_ms, zone),
        ),
        Fact(language.say("Hash of that record"), known.hash, "code"),
        Fact(language.say("Checksum of the ledger slice"), part.digest, "code", said),
    ]
    if issue is not None:
        facts.append(Fact(language.say("Seal of this report"), issue.digest, "code"))
    return facts


def method(head: Head, language: Language) -> Section:
    """Return how the figures are made."""
    say = language.say
    lines = [
        say(
            "Measured: time up as a share of the time that was seen, outside planned maintenance. Each device has one"
            " liveness check; a site is up while one of its edge devices is. An outage is dated back to the first"
            " failed check, and ends with the first good one."
        ),
        say(
            "Adjusted: the same, without what two people found later to be planned work or a false reading. Corrections"
            " never change the measured figure."
        ),
        say(
            "Time that nobody saw is never counted as up. Floor counts it as down, ceiling as up; coverage is the share"
            " that was seen. A target is met when the floor meets it, missed when the ceiling is below it, and not"
            " shown in between."
        ),
        say("Percentages are cut after three decimals, never rounded up."),
    ]
    if head.is_running:
        until = language.moment(head.until_ms, head.asked.zone)
        lines.insert(0, say("The period is not over: the figures are of the time until {until}.", until=until))
    if head.looked_until_ms is not None:
        until = language.moment(head.looked_until_ms, head.asked.zone)
        lines.insert(0, say("noc looked until {until}: what came later is unknown here.", until=until))
    return Section(say("Method"), [Paragraph(" ".join(lines))])


def local_day(milliseconds: int, zone: str) -> date:
    """Return the day that a calendar in a time zone shows."""
    return from_ms(milliseconds).astimezone(ZoneInfo(zone)).date()
