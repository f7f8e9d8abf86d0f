"""What comes of made-up events: who is called, when, and for what."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from noc.app.check import CheckResult
from noc.availability.times import format_time, parse
from noc.i18n.language import LOCALES, language
from noc.rehearsal.answer import Outcome, answer_document
from noc.rehearsal.lines import summary, time_line, written
from noc.rehearsal.remarks import words
from tests.rehearsed import configured, played, scripted

ENGLISH = language("en")
START = parse("2026-03-01T02:00:00Z")
OUTAGE = """
at: 0m, fail: site/nairobi
at: 12m, ack: root, by: achieng
at: 50m, restore: site/nairobi
"""
NAMES = {"achieng": "Achieng Otieno"}


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    return configured(tmp_path_factory.mktemp("noc"))


@pytest.fixture(scope="module")
def outage(checked: CheckResult) -> Outcome:
    return played(checked, OUTAGE)


def of(outcome: Outcome, entity: str) -> Sequence[object]:
    return [one for one in outcome.incidents if one.entity == entity]


def called(outcome: Outcome) -> list[tuple[str, str]]:
    return [(one.notice.person, one.notice.kind) for one in outcome.told]


def test_a_site_that_fails_is_seen_after_three_probes_at_their_real_moments(outage: Outcome) -> None:
    first = min(outage.incidents, key=lambda one: one.opened_ms)
    assert START < first.since_ms < START + 60_000
    assert first.opened_ms <= first.since_ms + 2 * 60_000 + 10_000


def test_the_incident_of_the_first_failure_is_root(outage: Outcome) -> None:
    root = next(one for one in outage.incidents if one.id == outage.root)
    assert root.entity in ("device/nbo-1", "site/nairobi")
    assert (root.acknowledged_by, root.acknowledged_ms) == ("achieng", START + 12 * 60_000)
    assert root.resolved_ms is not None
    assert START + 50 * 60_000 <= root.resolved_ms <= START + 52 * 60_000


def test_who_is_told_hears_of_the_end(outage: Outcome) -> None:
    kinds = called(outage)
    assert kinds[0] == ("achieng", "page")
    assert ("achieng", "resolved") in kinds
    assert outage.undelivered == ()


def test_availability_comes_from_the_evidence(outage: Outcome) -> None:
    answer = answer_document(outage)["availability"]
    entities = answer["entities"]  # type: ignore[index]
    assert entities["site/nairobi"]["down_s"] == pytest.approx(3_000, abs=130)
    assert entities["device/nbo-sw"]["unreachable_s"] == pytest.approx(3_000, abs=130)
    assert entities["device/goma-1"]["availability_pct"] == 100.0
    assert entities["site/nairobi"]["coverage_pct"] == 100.0
    assert entities["service/erp"]["down_s"] > 0


def test_the_same_scenario_has_the_same_answer_to_the_byte(checked: CheckResult, outage: Outcome) -> None:
    again = played(checked, OUTAGE)
    assert json.dumps(answer_document(again)) == json.dumps(answer_document(outage))


def test_a_line_of_the_time_line_says_when_and_who(checked: CheckResult, outage: Outcome) -> None:
    lines = [
        written(ENGLISH, line, outage.start_ms) for line in time_line(ENGLISH, scripted(checked, OUTAGE).steps, outage)
    ]
    assert lines[0].split() == ["0:00:00", "02:00:00", "event", "site/nairobi", "fails"]
    assert any("page" in line and "achieng by email" in line for line in lines)
    assert any(text.startswith("achieng: ") for text in summary(ENGLISH, outage))


@pytest.mark.parametrize("tag", [tag for tag in LOCALES if tag != "en"])
def test_the_time_line_is_in_the_language_of_its_reader(checked: CheckResult, outage: Outcome, tag: str) -> None:
    steps = scripted(checked, OUTAGE).steps
    ours, english = time_line(language(tag), steps, outage), time_line(ENGLISH, steps, outage)
    assert [(one.at_ms, one.kind, one.incident) for one in ours] == [
        (one.at_ms, one.kind, one.incident) for one in english
    ]
    subjects = sorted(told.subject for told in outage.told)
    assert sorted(one.text for one in english if one.who) == subjects, "as they are sent to who reads English"
    for one, other in zip(ours, english, strict=True):
        assert not other.who or one.text != other.text, "a message, too, is in the language of who looks"
        assert (one.text, one.who) != (other.text, other.who) or other.kind in ("event", "resolved")
    assert ours[0].text != english[0].text
    assert summary(language(tag), outage)[0] != summary(ENGLISH, outage)[0]


def test_people_are_called_by_their_full_names(checked: CheckResult, outage: Outcome) -> None:
    lines = time_line(ENGLISH, scripted(checked, OUTAGE).steps, outage, lambda key: NAMES.get(key, key))
    assert any(one.who == "Achieng Otieno by email" for one in lines)
    assert any(one.kind == "event" and one.text.startswith("Achieng Otieno acknowledges") for one in lines)
    assert any(one.kind == "acknowledged" and one.text.endswith("by Achieng Otieno") for one in lines)


def test_a_symptom_stands_for_the_incident_that_explains_it(checked: CheckResult) -> None:
    outcome = played(checked, "at: 0m, fail: site/nairobi\nat: 12m, ack: device/nbo-sw, by: achieng")
    (root,) = [one for one in outcome.incidents if one.id == outcome.root]
    assert (root.entity != "device/nbo-sw", root.acknowledged_by) == (True, "achieng")
    assert not outcome.remarks


def test_a_mail_server_that_is_dead_keeps_messages_until_it_is_back(checked: CheckResult) -> None:
    outcome = played(
        checked,
        """
        at: 0m, fail: notifier/email
        at: 0m, fail: device/goma-1
        at: 30m, restore: notifier/email
        """,
    )
    first = min(one.notice.sent_ms or 0 for one in outcome.told)
    assert START + 30 * 60_000 <= first <= START + 32 * 60_000


def test_a_number_that_is_set_raises_the_rule_that_asks_for_it(checked: CheckResult) -> None:
    outcome = played(checked, "at: 10m, set: {entity: device/goma-sat, metric: es_n0_db, value: 4.1}")
    (incident,) = outcome.incidents
    assert (incident.entity, incident.rule) == ("device/goma-sat", "satellite-es-n0-low")
    assert START + 15 * 60_000 <= incident.opened_ms <= START + 25 * 60_000


def test_a_power_cut_is_told_by_the_power_supply_before_all_is_dark(checked: CheckResult) -> None:
    outcome = played(checked, "at: 5m, power_cut: {site: nairobi, battery: 40m}\nat: 80m, restore: site/nairobi")
    battery = next(one for one in outcome.incidents if one.rule == "ups-on-battery")
    assert battery.entity == "device/nbo-ups"
    assert battery.opened_ms < START + 45 * 60_000
    assert battery.resolved_ms is not None
    assert any("nbo-1" in one.entity or one.entity == "site/nairobi" for one in outcome.incidents)


def test_a_circuit_is_seen_by_its_ends_and_what_is_behind_it_is_cut_off(checked: CheckResult) -> None:
    outcome = played(checked, "at: 1m, fail: circuit/nbo-fibre\nat: 60m, restore: circuit/nbo-fibre")
    states = {entity: [change.state.value for change in line] for entity, line in outcome.states.items()}
    assert "down" in states["circuit/nbo-fibre"]
    assert states["device/nbo-1"].count("up") == 2
    assert outcome.incidents
    assert all(one.resolved_ms is not None for one in outcome.incidents)


def test_in_a_window_nobody_is_called(checked: CheckResult) -> None:
    outcome = played(
        checked,
        """
        at: 0m, window: {entity: site/goma, lasts: 2h, in: 5m}
        at: 10m, fail: device/goma-1
        """,
    )
    assert outcome.incidents
    assert outcome.told == ()
    answer = answer_document(outcome)["availability"]["entities"]["site/goma"]  # type: ignore[index]
    assert answer["planned_s"] == 115 * 60


def test_people_may_acknowledge_by_themselves_but_those_who_are_silent(checked: CheckResult) -> None:
    more = "acknowledge_after: 5m\n"
    owned = played(checked, "at: 0m, fail: device/goma-1", more)
    assert ("desk", "escalation") not in called(owned)
    silent = played(checked, "at: 0m, silent: achieng\nat: 0m, fail: device/goma-1", more)
    assert ("desk", "escalation") in called(silent)
    (incident,) = silent.incidents
    assert incident.acknowledged_by == "desk"


def test_what_can_not_be_done_is_remarked(checked: CheckResult) -> None:
    outcome = played(checked, "at: 1m, ack: root\nat: 2m, restore: site/goma\nat: 3m, note: lights out, by: desk")
    assert [words(ENGLISH, one) for one in outcome.remarks] == [
        "no open incident to acknowledge: what failed first",
        "site/goma had not failed",
        "desk: lights out",
    ]


@pytest.mark.parametrize("tag", [tag for tag in LOCALES if tag != "en"])
def test_remarks_and_titles_are_in_the_language_of_the_reader(checked: CheckResult, tag: str) -> None:
    reader = language(tag)
    steps, said = "at: 1m, ack: root, by: achieng\nat: 2m, restore: site/goma\nat: 5m, fail: site/goma", list[str]()
    outcome = played(checked, steps)
    for say in (reader, ENGLISH):
        answer = answer_document(outcome, reader=say)
        said += [json.dumps([answer["remarks"], [one["title"] for one in answer["incidents"]]], ensure_ascii=False)]  # type: ignore[attr-defined]
    assert len(outcome.remarks) == 2
    assert reader.say("what failed first") in said[0]
    for english in ("no open incident", "had not failed", "is down"):
        assert english in said[1]
        assert english not in said[0]


def test_the_poller_that_loses_its_way_out_sees_nothing(checked: CheckResult) -> None:
    outcome = played(checked, "at: 1m, fail: poller/hub\nat: 30m, restore: poller/hub")
    down = [entity for entity, line in outcome.states.items() if len(line) > 1 and entity.startswith("site/")]
    assert down == ["site/goma", "site/hub", "site/nairobi"] or set(down) == {"site/goma", "site/hub", "site/nairobi"}
    assert format_time(outcome.start_ms) == "2026-03-01T02:00:00Z"
