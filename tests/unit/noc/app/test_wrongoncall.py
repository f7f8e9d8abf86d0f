"""What is wrong with who is on call: each in a sentence, with its place; and the samples that we show are right."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alerts.oncallcalendar import with_calendars
from alerts.policies import AlertSettings
from alerts.reach import unreached
from noc.app.build import build
from noc.app.check import check
from noc.app.demopeople import alert_settings
from noc.app.reload import Reload
from noc.app.wrongoncall import uncovered, wrong_oncall
from noc.cli.check import with_roster
from noc.clock import ManualClock
from noc.model.finding import Finding
from noc.model.instants import to_ms
from noc.settings.schema import validate_at
from noc.settings.written import mapping
from noc.settings.yamltext import parse

ROOT = Path(__file__).parents[4]
NOW = to_ms(datetime(2026, 3, 1, tzinfo=UTC))

RIGHT = """\
alerts:
  people:
    achieng: {email: achieng@example.org}
    berta: {email: berta@example.org, phone: "+39 0831 1234"}
  notifiers: {email: {}}
  teams: {all: [achieng, berta]}
  holidays: {kenya: {country: KE}}
  business_hours: {office: {time_zone: Africa/Nairobi, not_on: [kenya]}}
  schedules:
    day:
      time_zone: Europe/Rome
      layers:
        - {people: [achieng, berta]}
        - {people: [berta], only_on: [kenya]}
  desks:
    nbo: {time_zone: Africa/Nairobi, hours: [{from: "00:00"}], schedule: day}
  policies:
    standard:
      hours: office
      steps:
        - {notify: [schedule/day, team/all]}
        - {after: 5m, notify: [desk/daylight], during: office}
  catch_all: {notify: [person/berta]}
"""


def found(text: str, folder: Path = ROOT) -> list[Finding]:
    document = parse(text, "noc.yaml")
    settings, wrong = with_calendars(validate_at(AlertSettings, document, ("alerts",)), folder, NOW, document)
    written = mapping(document.data, "alerts")
    names = wrong_oncall(settings, document, written)
    return [*wrong, *names, *uncovered(settings, document, NOW), *unreached(written, document)]


def test_nothing_is_wrong_with_what_is_right() -> None:
    assert found(RIGHT) == []


def test_what_is_wrong_with_one_thing_hides_nothing_of_the_others(tmp_path: Path) -> None:
    text = RIGHT.replace("achieng@example.org", "nowhere").replace("country: KE", "contry: KE")
    text = text.replace("- {people: [achieng, berta]}", "- {people: [achieng, bert]}").replace(
        "schedule: day}", "schedule: dey}"
    )
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text(text)
    result = check(tmp_path / "noc.yaml", {})
    said = "\n".join(finding.message for finding in result.findings)
    assert "'nowhere' is not an address of e-mail" in said
    assert "unknown key 'contry' (did you mean 'country'?)" in said
    assert "schedule 'day': unknown person 'bert' (did you mean 'berta'?)" in said
    assert "desk 'nbo': unknown schedule 'dey' (did you mean 'day'?)" in said
    assert len(result.findings) == 6, said  # and two keys that the notifier lacks
    assert result.settings is None


def test_hours_without_anybody_are_told_beside_an_error_elsewhere(tmp_path: Path) -> None:
    text = RIGHT.replace("berta@example.org", "nowhere").replace("- {people: [achieng, berta]}\n        ", "")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "noc.yaml").write_text(text)
    result = check(tmp_path / "noc.yaml", {})
    assert [one.message for one in result.roster if "schedule 'day': nobody is on call" in one.message] != []


@pytest.mark.parametrize(
    ("before", "after", "token", "said"),
    [
        ("country: KE", "country: XX", "{country", "holidays 'kenya': of the holidays of 'XX' nothing is known"),
        (
            "only_on: [kenya]",
            "only_on: [keny]",
            "keny]",
            "schedule 'day': unknown holidays 'keny' (did you mean 'kenya'?)",
        ),
        ("[achieng, berta]}\n        -", "[achieng, bert]}\n        -", "bert]", "unknown person 'bert' (did you mean"),
        ("schedule: day}", "schedule: days}", "days}", "desk 'nbo': unknown schedule 'days' (did you mean 'day'?)"),
        ("hours: office\n", "hours: offic\n", "offic\n", "policy 'standard': unknown business hours 'offic'"),
        ("during: office", "during: ofice", "ofice", "unknown business hours 'ofice'"),
        (
            "schedule/day,",
            "schedule/dy,",
            "schedule/d",
            "policy 'standard': unknown schedule 'dy' (did you mean 'day'?)",
        ),
        ("team/all]", "team/al]", "team/al]", "unknown team 'al' (did you mean 'all'?)"),
        (
            "person/berta",
            "person/bertha",
            "person/bertha",
            "catch_all: unknown person 'bertha' (did you mean 'berta'?)",
        ),
        ("all: [achieng, berta]", "all: [achieng, bert]", "bert]", "team 'all': unknown person 'bert'"),
        (
            "achieng: {email: achieng@example.org}",
            "achieng: {}",
            "schedule/d",
            "'schedule/day' means 'achieng' too, whom none",
        ),
        ("    nbo:", "    daylight:", "{time_zone: Africa/Nairobi, hours", "a desk can't be called 'daylight'"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(before: str, after: str, token: str, said: str) -> None:
    text = RIGHT.replace(before, after, 1)
    assert text != RIGHT
    above, _, here = text[: text.index(token)].rpartition("\n")
    place = above.count("\n") + 2, len(here) + 1
    findings = found(text)
    assert any((one.line, one.column) == place and said in one.message for one in findings), (place, findings)


def test_a_hole_is_an_error_with_its_hours_and_what_to_do() -> None:
    text = RIGHT.replace(
        "{people: [achieng, berta]}", '{people: [achieng, berta], hours: [{from: "06:00", to: "22:00"}]}'
    )
    (hole, nobody) = found(text)
    assert (hole.line, hole.column, hole.level) == (10, 5, "error")
    assert hole.message == (
        "schedule 'day': nobody is on call from Sun 2026-03-01 01:00 to 06:00; from Sun 2026-03-01 22:00 to 2026-03-02 "
        "06:00; from Mon 2026-03-02 22:00 to 2026-03-03 06:00 and 363 more times (2,840 hours of the coming year, "
        "Europe/Rome); let a layer cover them, or say with `covers` when somebody has to be there"
    )
    assert nobody.message.startswith("desks: nobody is on call at any desk from Sun 2026-03-01 00:00 to 05:00")


def test_a_single_hour_of_the_day_clocks_change_is_found() -> None:
    shifts = """{shifts: [{from: "2026-01-01T00:00:00Z", to: "2026-03-29T01:00:00Z", people: [berta]},
           {from: "2026-03-29T02:00:00Z", to: "2028-01-01T00:00:00Z", people: [berta]}]}"""
    text = RIGHT.replace("{people: [achieng, berta]}\n", f"{shifts}\n", 1).replace("desk/daylight", "berta")
    (hole,) = found(text)
    assert "nobody is on call from Sun 2026-03-29 03:00 to 04:00 (1 hours of the coming year" in hole.message


def test_a_hole_fails_noc_check_and_does_not_keep_noc_from_starting(tmp_path: Path) -> None:
    hours = '{people: [achieng, berta], hours: [{from: "06:00", to: "22:00"}]}'
    email = "{email: {host: mail.example.org, from: noc@example.org}}"
    text = RIGHT.replace("{people: [achieng, berta]}", hours).replace("{email: {}}", email)
    (tmp_path / "inventory").mkdir()
    config = tmp_path / "noc.yaml"
    config.write_text(text)
    result = check(config, {})
    assert (result.ok, [one.level for one in result.roster]) == (True, ["error", "error"])
    assert not with_roster(result).ok


def test_hours_without_daylight_are_a_warning() -> None:
    (dark,) = found(RIGHT.replace('[{from: "00:00"}]', '[{from: "08:00", to: "17:00"}]'))
    assert (dark.level, dark.line) == ("warning", 15)
    assert "no desk has daylight from Sun 2026-03-01 00:00 to 05:00" in dark.message


def test_a_calendar_that_cannot_be_read_is_told_once(tmp_path: Path) -> None:
    text = RIGHT.replace("{people: [achieng, berta]}", "{calendar: none.ics}")
    assert [(one.line, one.message) for one in found(text, tmp_path)] == [
        (13, f"schedule 'day': {tmp_path}/none.ics: no such file or directory")
    ]


@pytest.mark.parametrize("page", ["docs/oncall.md", "docs/alerts.md", "config/noc.yaml"])
def test_the_samples_that_we_show_are_right(page: str) -> None:
    text = (ROOT / page).read_text()
    if page.endswith(".md"):
        match = re.search(r"```yaml\n(alerts:\n.*?)```", text, flags=re.DOTALL)
        assert match is not None
        sample = match[1]
    else:
        lines = text[text.index("# alerts:") :].split("\n\n", 1)[0].splitlines()
        sample = "\n".join(line[2:] for line in lines)
    sample = sample.replace("!secret file:/etc/noc/secrets/smtp-password", "secret")
    assert [one.message for one in found(sample) if one.level == "error"] == []


def test_the_desks_of_the_demo_cover_the_day_and_the_year() -> None:
    document = parse(json.dumps({"alerts": alert_settings(25, 80, None)}), "noc.yaml")
    settings = validate_at(AlertSettings, document, ("alerts",))
    written = mapping(document.data, "alerts")
    assert [*wrong_oncall(settings, document, written), *uncovered(settings, document, NOW)] == []


async def test_a_reload_that_brings_a_hole_is_refused_and_one_that_keeps_it_is_not(tmp_path: Path) -> None:
    config, email = tmp_path / "noc.yaml", "{email: {host: mail.example.org, from: noc@example.org}}"
    (tmp_path / "inventory").mkdir()
    right = RIGHT.replace("{email: {}}", email) + "state_dir: state\n"
    holed = right.replace("{people: [achieng, berta]}", "{people: [achieng, berta], end: 2026-03-01}")
    config.write_text(right)
    before = check(config, {})
    reload = Reload(config, before, build(before, ManualClock(datetime(2026, 3, 1, tzinfo=UTC))))
    config.write_text(holed)
    assert not await reload.now()
    assert "nobody is on call" in reload.findings[0].message
    assert reload.settings.alerts.schedules["day"].layers[0].end is None
    config.write_text(right)
    assert await reload.now()
    assert reload.findings == ()
    config.write_text(holed)
    after = check(config, {})
    reload = Reload(config, after, build(after, ManualClock(datetime(2026, 3, 1, tzinfo=UTC))))
    assert await reload.now()
