"""Devices past their useful life: how many by class, how long they were down, which sites hang on them alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final

from noc.availability.figures import Figures
from noc.availability.statement import Statement
from noc.i18n.language import Language
from noc.inventory.inventory import Inventory
from noc.inventory.life import ClassLife, Life, by_class, life_of, total
from noc.maintenance.singlepoints import endangered
from noc.reports._lifewords import ClassRow, OldRow, classes_table, day_word, devices_table, large_facts
from noc.reports._names import name_of, told_of
from noc.reports.frame.asked import EVERYTHING, Answer, Asked, By, Head, Issue
from noc.reports.frame.document import Document, Paragraph, Section
from noc.reports.frame.material import Material
from noc.reports.frame.words import heading, local_day, period_words

PURPOSE: Final = "List devices past their useful life, by class, by downtime and by the sites they endanger."
BY: Final[tuple[By, ...]] = ()
PERIOD: Final = "month"
FROM_LEDGER: Final = False

LISTED: Final = 500
"""Devices in each ranking."""


class LifecycleAnswer(Answer):
    """day: the last of the period so far, YYYY-MM-DD, on which ages are told. total: of all classes.

    by_down: devices past useful life, those that were down longest first; by_sites: those that endanger most sites, and
    only these. by_down_left_out, by_sites_left_out: how many there is no room for.
    """

    day: str
    total: ClassRow
    classes: tuple[ClassRow, ...]
    by_down: tuple[OldRow, ...]
    by_down_left_out: int
    by_sites: tuple[OldRow, ...]
    by_sites_left_out: int


ANSWER: Final = LifecycleAnswer


async def gather(material: Material, asked: Asked) -> LifecycleAnswer:
    """Read what is asked. Raises UsageError where `of` is nothing, StateError."""
    inventory = material.inventory
    inside = told_of(asked.of, inventory)
    head = await material.head(asked)
    found = await material.figures(head)
    material.tell(0.7)
    return await asyncio.to_thread(_answer, head, inventory, found, inside)  # some seconds for twenty thousand devices


def _answer(head: Head, inventory: Inventory, found: Statement, inside: Callable[[str], bool]) -> LifecycleAnswer:
    day = local_day(head.until_ms - 1, head.asked.zone)
    lives = [life_of(device, day) for device in inventory.devices.values() if inside(device.entity)]
    dangers = endangered(inventory)
    old = [_old(life, inventory, _figures(found, life), dangers) for life in lives if life.state == "past"]
    classes = by_class(lives)
    sites_of = _sites_of(old, dangers)
    by_down = sorted(old, key=lambda row: (-row.down_s, -len(row.sites), row.entity))
    by_sites = sorted((row for row in old if row.sites), key=lambda row: (-len(row.sites), -row.down_s, row.entity))
    return LifecycleAnswer(
        head=head,
        day=day.isoformat(),
        total=_row(total(classes), old, sites_of),
        classes=tuple(_row(one, old, sites_of) for one in classes),
        by_down=tuple(by_down[:LISTED]),
        by_down_left_out=max(0, len(by_down) - LISTED),
        by_sites=tuple(by_sites[:LISTED]),
        by_sites_left_out=max(0, len(by_sites) - LISTED),
    )


def _figures(found: Statement, life: Life) -> Figures | None:
    known = found.measured.entities.get(life.device.entity)
    return None if known is None else known.figures


def _old(life: Life, inventory: Inventory, figures: Figures | None, dangers: Mapping[str, tuple[str, ...]]) -> OldRow:
    device = life.device
    return OldRow(
        entity=device.entity,
        name=device.name,
        device_class=device.device_class,
        site=name_of(inventory, f"site/{device.site}"),
        installed=None if device.installed is None else device.installed.isoformat(),
        ends=None if life.ends is None else life.ends.isoformat(),
        end_of_support=None if life.end_of_support is None else life.end_of_support.isoformat(),
        # Unreachable is the fault of something else.
        down_s=0.0 if figures is None else float(Fraction(figures.durations.down) / 1000),
        unknown_s=0.0 if figures is None else float(Fraction(figures.durations.unknown) / 1000),
        outages=0 if figures is None else figures.outages,
        sites=tuple(name_of(inventory, site) for site in dangers.get(device.entity, ())),
    )


def _sites_of(old: Iterable[OldRow], dangers: Mapping[str, tuple[str, ...]]) -> Callable[[str], int]:
    """Return what says how many sites hang on old devices of a class alone."""
    sites: dict[str, set[str]] = {"all": set()}
    for row in old:
        for key in (row.device_class, "all"):
            sites.setdefault(key, set()).update(dangers.get(row.entity, ()))
    return lambda device_class: len(sites.get(device_class, ()))


def _row(one: ClassLife, old: Iterable[OldRow], sites_of: Callable[[str], int]) -> ClassRow:
    down_s = sum(row.down_s for row in old if one.device_class in (row.device_class, "all"))
    return ClassRow(
        entity=EVERYTHING if one.device_class == "all" else f"class/{one.device_class}",
        device_class=one.device_class,
        devices=one.devices,
        past=one.past,
        within=one.within,
        unknown=one.unknown,
        past_pct=None if one.past_pct is None else float(one.past_pct),
        past_at_most_pct=None if one.past_at_most_pct is None else float(one.past_at_most_pct),
        down_s=down_s,
        sites=sites_of(one.device_class),
    )


def document(answer: Answer, issue: Issue | None, language: Language) -> Document:
    """Return the answer as a document. Pure."""
    if not isinstance(answer, LifecycleAnswer):
        raise TypeError(f"this is an answer of {type(answer).__name__}")
    say, head = language.say, answer.head
    by_down = devices_table("by_downtime", answer.by_down, answer.by_down_left_out, language)
    by_sites = devices_table("by_sites", answer.by_sites, answer.by_sites_left_out, language)
    day = day_word(answer.day, language)
    return Document(
        name=head.asked.report,
        title=say("Devices past useful life"),
        subtitle=f"{period_words(head.named, language)} · {'' if day is None else day.text}",
        language=language.tag,
        zone=head.asked.zone,
        heading=heading(answer, issue, language),
        sections=[
            Section(say("Result"), [large_facts(answer.total, language)]),
            Section(say("Method"), [Paragraph(_method(language))]),
            Section(say("By class"), [classes_table([answer.total, *answer.classes], language)]),
            Section(say("By downtime"), [by_down], begins_page=True),
            Section(say("By the sites they endanger"), [by_sites], begins_page=True),
        ],
        main="by_downtime",
        made_ms=head.known_at.time_ms,
    )


def _method(language: Language) -> str:
    say = language.say
    return " ".join(
        (
            say("A device is past its useful life when the years of its class, or its own, are over since it was"
                " installed, or when its maker mends it no more. Where the inventory tells neither, its age is unknown;"
                " the share at most counts these as past."),
            say("Down is the time in which the device itself did not answer, outside planned maintenance; time in which"
                " it was only unreachable is not counted."),
            say("A site is endangered by a device when it loses its only path as soon as this device alone fails."),
        )
    )  # fmt: skip
