"""What can't be played again is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerts.rules.compiled import Rules
from alerts.rules.load import load_rules
from noc.i18n.language import LOCALES, language
from noc.inventory.inventory import Inventory
from noc.inventory.shipped import shipped
from noc.model.instants import to_ms
from noc.model.series import SeriesAnswer, SeriesName, SeriesQuery
from noc.rehearsal.pastnumbers import Found, Refused, asked_by
from noc.rehearsal.unplayed import DAY_MS, Unplayed, raw_from, unplayed
from noc.rehearsal.whatif import ALONE
from noc.web.unplayedwords import UNPLAYED
from noc.web.unplayedwords import unplayed as said
from noc.web.zones import times_for
from tests.rehearsed import configured

START = to_ms(datetime(2026, 3, 1, tzinfo=UTC))


class KeepsRaw:
    """A store without a number, that keeps them as they were measured from a moment on, of routers for ever."""

    def __init__(self, since_ms: int) -> None:
        self._since_ms = since_ms

    async def read(self, query: SeriesQuery) -> SeriesAnswer:
        is_raw = query.where["device_class"] == "router" or to_ms(query.start) >= self._since_ms
        return SeriesAnswer((), "raw" if is_raw else "5m", timedelta(minutes=5))

    async def names(self, where: Mapping[str, str]) -> tuple[SeriesName, ...]:
        del where
        return ()


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    found = configured(tmp_path_factory.mktemp("noc")).inventory
    assert found is not None
    return found


@pytest.fixture(scope="module")
def rules() -> Rules:
    return Rules(load_rules([Path(shipped("rules"))])[0].values())


async def test_times_of_roll_ups_alone_are_found_by_class(inventory: Inventory, rules: Rules) -> None:
    store = KeepsRaw(START + 2 * DAY_MS - 1)
    found = await raw_from(store, asked_by([rules]), inventory, START, START + 3 * DAY_MS)
    later = START + 2 * DAY_MS
    assert found == {"satellite-modem": later, "switch": later, "ups": later}
    never = await raw_from(store, asked_by([rules]), inventory, START - 9 * DAY_MS, START)
    assert set(never.values()) == {None}


def told(inventory: Inventory, rules: Rules, found: dict[str, Found], raw: dict[str, int | None]) -> str:
    known = Unplayed(
        start_ms=START,
        rules=(rules, rules),
        inventory=inventory,
        found=found,
        refused=(),
        ledger_ms=START + DAY_MS,
        first_event_ms=START - DAY_MS,
        learned=0,
        wrong="",
        raw=raw,
    )
    return "\n".join(unplayed(known))


def test_each_reason_is_a_sentence(inventory: Inventory, rules: Rules) -> None:
    found = {"interface": Found(), "noc_processor": Found(9, START + DAY_MS)}
    said = told(inventory, rules, found, {"switch": START + DAY_MS, "ups": None})
    assert "the ledger begins at 2026-03-02T00:00:00Z: of outages before nothing is known" in said
    assert "the store has no number of interface in this time: nothing came of interface-discards, interface-" in said
    assert "numbers of noc_processor begin at 2026-03-02T00:00:00Z or later" in said
    assert "of class switch the store has no numbers as they were measured before 2026-03-02T00:00:00Z" in said
    assert "of class ups the store has no numbers as they were measured at any time" in said
    assert "the store is too young to say what was usual before" in said
    assert "checks-late" in said


def test_pages_say_each_sentence_in_the_readers_language(inventory: Inventory, rules: Rules) -> None:
    known = Unplayed(
        start_ms=START,
        rules=(rules, rules),
        inventory=inventory,
        found={"interface": Found(), "noc_processor": Found(9, START + DAY_MS)},
        refused=(Refused((), "interface"), Refused((("region", "africa"),), "interface")),
        ledger_ms=None,
        first_event_ms=None,
        learned=0,
        wrong="",
        raw={"switch": START + DAY_MS, "ups": None},
    )
    sentences = {
        ALONE,
        *unplayed(known),
        *unplayed(replace(known, ledger_ms=START + 1, first_event_ms=START + 1, wrong="the store is away")),
    }
    assert len(sentences) > 12
    for tag in set(LOCALES) - {"en"}:
        spoken = language(tag)
        found = [said(one, spoken, times_for("Africa/Nairobi", "", "", None)) for one in sentences]
        assert not sentences & set(found)
        assert not [one for one in found if "T00:00" in one or " more" in one]
    assert {said(one, language("en")) for one in sentences if "Z" not in one} <= sentences
    for text in UNPLAYED:
        assert said(text.replace("{", "").replace("}", ""), language("zh")) != text, text


def test_what_is_there_is_not_spoken_of(inventory: Inventory, rules: Rules) -> None:
    said = told(inventory, rules, {"interface": Found(9, START)}, {})
    assert "interface" not in said.replace("interfaces", "")
