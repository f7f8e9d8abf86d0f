"""Words: everything a person needs, and nothing that a device wrote can do harm."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.messages import Context, Reader, clean, moment, words
from alerts.notifiers._ports import Message
from alerts.notifiers._smtp import Smtp
from alerts.notifiers.email import Email, Settings
from alerts.scene import Scene, scene_of
from alerts.shorttext import fits
from noc.clock import ManualClock
from noc.i18n.language import LOCALES, language
from noc.model.incident import Incident, Notice, NoticeKind
from tests.unit.alerts.alerting import MINUTE, START, START_MS, inventory

INCIDENT = Incident(
    7,
    "device/a",
    "device-down",
    "critical",
    "standard",
    START_MS - MINUTE,
    START_MS,
    {"status": "down", "check": "icmp"},
)
NOTICE = Notice(1, "7-abc", 7, 1, "achieng", "email", "page", START_MS)
SCENE = scene_of("device/a", inventory("a"))
HOSTILE = "core\r\nBcc: all@example.org\n\x1b[2J<script>alert(1)</script>\u202egnp.exe\x00\x85\u2028"


def test_a_page_says_what_where_since_when_and_where_to_look() -> None:
    said = words(INCIDENT, NOTICE, SCENE, START_MS, "https://noc.example.org")
    assert said.subject == "critical: a is down at Nairobi, Africa [#7]"
    for part in (
        "a is down\nYou are told because the policy names you first.\n\n",
        "Site           Nairobi",
        "Region         Africa",
        "Class          Router",
        "Address        192.0.2.1",
        "28 Feb 2026, 23:59:00 UTC (there 1 Mar 2026, 02:59 EAT)",
        "1 min\n",
        "Seen by check  icmp",
        "https://noc.example.org/incidents/7",
    ):
        assert part in said.text
    assert '<a href="https://noc.example.org/incidents/7"' in said.html


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("reminder", "REMINDER: critical: a is"), ("escalation", "ESCALATED: critical: a is"), ("resolved", "RESOLVED: ")],
)
def test_each_kind_is_told_apart_in_the_subject(kind: NoticeKind, subject: str) -> None:
    assert words(INCIDENT, replace(NOTICE, kind=kind), SCENE, START_MS).subject.startswith(subject)


def test_the_end_says_how_long_it_was_and_who_ended_it() -> None:
    over = replace(INCIDENT, resolved_ms=START_MS + 65 * MINUTE, resolved_by="berta", acknowledged_ms=START_MS)
    said = words(over, replace(NOTICE, kind="resolved"), SCENE, START_MS + 70 * MINUTE)
    assert "a was down" in said.subject
    assert "1 hr 6 mins" in said.text
    assert "by berta" in said.text


def test_a_mail_has_one_heading_and_below_it_a_line_that_says_why() -> None:
    said = words(INCIDENT, NOTICE, SCENE, START_MS, "https://noc.example.org").html
    assert re.findall("<h1[^>]*>(.*?)</h1><p[^>]*>(.*?)</p>", said) == [
        ("a is down", "You are told because the policy names you first.")
    ]
    other = replace(NOTICE, instead_of=NOTICE.id)
    assert (
        "names you first. It comes this way because another way failed.</p>"
        in words(INCIDENT, other, SCENE, START_MS).html
    )


def test_what_works_but_worse_is_degraded_and_not_down() -> None:
    facts = {"status": "degraded", "summary": "link margin low (rain fade?)", "value": 0.8, "limit": 1.0, "unit": "db"}
    worse = replace(INCIDENT, rule="satellite-margin-lost", severity="major", facts=facts)
    said = words(worse, NOTICE, SCENE, START_MS)
    assert said.subject == "major: a is degraded: link margin low (rain fade?) at Nairobi, Africa [#7]"
    assert said.text.startswith("a is degraded: link margin low (rain fade?) (0.8 dB, limit 1)\n")
    over = replace(worse, resolved_ms=START_MS)
    assert "a was degraded" in words(over, replace(NOTICE, kind="resolved"), SCENE, START_MS).subject


def test_in_a_simulated_network_every_message_says_so() -> None:
    said = words(INCIDENT, NOTICE, SCENE, START_MS, simulated=True)
    assert said.subject.startswith("[SIMULATED] critical")
    assert "nothing real is affected" in said.text
    assert "nothing real is affected" in said.html


def test_a_rule_shows_what_it_saw() -> None:
    facts = {"metric": "cpu.usage_pct", "value": 97.51234567, "limit": 90.0, "none": None}
    cpu = replace(INCIDENT, rule="cpu-high", severity="minor", facts=facts, entity="interface/a/Gi0/0/1")
    said = words(cpu, NOTICE, scene_of(cpu.entity, inventory("a")), START_MS)
    assert said.subject == "minor: a, interface Gi0/0/1: cpu-high at Nairobi, Africa [#7]"
    assert "97.5123" in said.text
    assert "Metric" in said.text
    assert "None" not in said.text


@pytest.mark.parametrize("tag", ["en", "ar"])
def test_a_page_of_noc_that_says_what_to_do_is_a_link_and_others_are_text(tag: str) -> None:
    ours = "https://noc.example.org/help/runbooks/devices#device-down"
    known = replace(INCIDENT, facts={"runbook": ours})
    said = words(known, NOTICE, SCENE, START_MS, "https://noc.example.org", reader=Reader(tag))
    assert f"{language(tag).say('What to do:')}\n{ours}\n" in said.text
    assert f'<a href="{ours}"' in said.html
    assert said.text.count(ours) == 1
    over = words(known, replace(NOTICE, kind="resolved"), SCENE, START_MS, "https://noc.example.org")
    assert ours not in over.text, "nothing is to be done any more"
    for other in ("https://wiki.example.org/a", "https://noc.example.org.evil.example/a", "/help/a"):
        said = words(replace(INCIDENT, facts={"runbook": other}), NOTICE, SCENE, START_MS, "https://noc.example.org")
        assert f"Runbook   {other}\n" in said.text
        assert f'href="{other}"' not in said.html


def test_the_first_line_says_the_number_and_its_limit() -> None:
    facts = {"value": 97.0, "limit": 90.0, "unit": "percent", "summary": "Processor busy", "tag.name": "CPU 1"}
    busy = replace(INCIDENT, facts=facts)
    said = words(busy, NOTICE, SCENE, START_MS)
    assert said.text.startswith("a: Processor busy (97 %, limit 90)\n")
    over = words(replace(busy, resolved_ms=START_MS), replace(NOTICE, kind="resolved"), SCENE, START_MS)
    assert over.text.startswith("a: Processor busy\nIt is over. ")
    assert "Name  " in said.text
    assert "Tag." not in said.text


def test_places_that_the_inventory_does_not_know_are_still_named() -> None:
    assert scene_of("device/gone", inventory()) == Scene(device="gone")
    assert scene_of("site/s", inventory()).site == "Nairobi"
    assert scene_of("site/x", inventory()).site == "x"


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        ("poller/p", "poller p is down"),
        ("region/africa", "region Africa is down"),
        ("network", "the network is down"),
        ("shared/provider/Telco", "provider Telco is down"),
        ("shared/beam/ses-4", "beam ses-4 is down"),
        ("shared/storm/standard", "a storm of failures is down"),
        ("site/s", "Nairobi is down, Africa"),
    ],
)
def test_what_is_no_single_device_has_a_name_for_people(entity: str, said: str) -> None:
    found = words(replace(INCIDENT, entity=entity), NOTICE, scene_of(entity, inventory()), 0)
    assert found.subject == f"critical: {said} [#7]"


def test_times_stand_in_utc_and_beside_it_at_the_place() -> None:
    noon = int(datetime(2026, 7, 1, 12, tzinfo=UTC).timestamp() * 1000)
    assert moment(noon, None, language("en")) == "1 Jul 2026, 12:00:00 UTC"
    assert moment(noon, ZoneInfo("Europe/Rome"), language("en")) == "1 Jul 2026, 12:00:00 UTC (there 14:00 CEST)"


def mail(text: str) -> EmailMessage:
    """Return the mail that a device's text gets into, as a mail program reads it."""
    facts = {"status": "down", "name": text}
    incident = replace(INCIDENT, facts=facts, acknowledged_ms=START_MS, acknowledged_by=text)
    said = words(incident, NOTICE, replace(SCENE, device=text), START_MS)
    message = Message("k", "k", "a@example.org", "A", said.subject, said.text, said.html, "page", incident)
    settings = Settings.model_validate_json('{"host": "mail.example.org", "from": "noc@example.org"}')
    raw = Email(Smtp(settings, Path(), ManualClock(START))).mime(message).as_bytes(policy=policy.SMTP)
    parsed = message_from_bytes(raw, policy=policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


HEADERS = {
    *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "X-Auto-Response-Suppress"),
    *("X-Noc-Incident", "X-Noc-Kind", "Content-Language", "MIME-Version", "Content-Type"),
}


@given(st.text(max_size=300) | st.just(HOSTILE))
def test_no_text_of_a_device_adds_a_header_or_a_control_character(text: str) -> None:
    parsed = mail(text)
    assert set(parsed.keys()) == HEADERS
    plain, page = parsed.get_body(("plain",)), parsed.get_body(("html",))
    assert plain is not None
    assert page is not None
    for raw in (str(parsed["Subject"]), plain.get_content(), page.get_content()):
        content = raw.replace("\r\n", "\n")  # the line ends of the wire
        assert all(unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") or char == "\n" for char in content)
        assert "\u202e" not in content
    assert "<script>" not in page.get_content()


def test_hostile_text_is_shown_and_not_hidden() -> None:
    plain = mail(HOSTILE).get_body(("plain",))
    assert plain is not None
    assert "core\\r\\nBcc: all@example.org\\n\\x1b[2J" in plain.get_content()
    assert "\\u202egnp.exe" in plain.get_content()


def test_long_text_is_cut() -> None:
    assert len(clean("x" * 10**6)) == 500
    assert clean("x" * 10**6).endswith("…")
    assert len(words(INCIDENT, NOTICE, replace(SCENE, device="x" * 10**6), 0).subject) == 200


@pytest.mark.parametrize("tag", LOCALES)
def test_every_language_names_what_matters(tag: str) -> None:
    context = Context(
        34, ("device/goma-rtr-1", "device/c"), ("sags in rain",), "https://noc.example.org/a/1.2.abc", by_reply=True
    )
    reader = Reader(tag, ZoneInfo("Europe/Rome"))
    said = words(INCIDENT, NOTICE, SCENE, START_MS, "https://noc.example.org", reader=reader, context=context)
    for part in ("[#7]", "Nairobi"):
        assert part in said.subject
    for part in (
        "23:59:00 UTC",
        "02:59 EAT",
        "00:59 CET",
        "34",
        "goma-rtr-1",
        "sags in rain",
        "/a/1.2.abc",
        "/incidents/7",
    ):
        assert part in said.text
        assert part in said.html
    assert "device/" not in said.text
    direction = "rtl" if tag == "ar" else "ltr"
    assert f'<html lang="{tag}" dir="{direction}">' in said.html
    assert fits(said.short)
    assert "#7" in said.short


def test_a_name_keeps_its_direction_in_arabic_and_cannot_change_it() -> None:
    said = words(INCIDENT, NOTICE, replace(SCENE, device="a\u202eb"), START_MS, reader=Reader("ar"))
    assert "\u2068a\\u202eb\u2069" in said.subject
    assert "\u2068" not in said.short


def test_a_short_text_says_the_most_that_fits_and_offers_the_link() -> None:
    link = "https://noc.example.org/a/1.2.abc"
    said = words(INCIDENT, NOTICE, SCENE, START_MS, context=Context(3, ("device/b",), ack_url=link))
    assert said.short == f"#7 critical: a is down, Nairobi, 23:59Z +3 {link}"
    long = replace(SCENE, device="d" * 130)
    assert words(INCIDENT, NOTICE, long, START_MS, context=Context(ack_url=link)).short == (
        f"#7 critical: {'d' * 130} is down, Nairobi"
    )
    page = words(INCIDENT, NOTICE, replace(SCENE, device="d" * 400), START_MS).short
    assert len(page) == 160
    assert page.endswith("...")


def test_who_is_told_another_way_is_told_so() -> None:
    said = words(INCIDENT, replace(NOTICE, instead_of=3), SCENE, START_MS)
    assert "because another way failed" in said.text
