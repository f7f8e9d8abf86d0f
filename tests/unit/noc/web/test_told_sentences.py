"""Sentences that are made in English, far from pages: each that the code makes is told in every language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from alerts.policies import AlertSettings
from alerts.rules.load import load_rules
from noc.i18n.language import LOCALES, language
from noc.inventory.shipped import shipped
from noc.model.account import Account
from noc.web.auditwords import details, done, meant, way
from noc.web.callednames import CalledNames
from noc.web.checkwords import CHECKED, checked
from noc.web.expectedwords import expected
from noc.web.rulewords import condition, in_words
from noc.web.unaskedwords import unasked
from noc.web.views.rehearsal import Difference, remarks
from noc.web.words import quantity

ROOT = Path(__file__).parents[4]
OTHERS = [tag for tag in LOCALES if tag != "en"]
ENGLISH, FRENCH, CHINESE = language("en"), language("fr"), language("zh")
HINT = ": it is down, filtered, or the credentials are not its own"
HINT_IN_FRENCH = " : il est en panne, filtré, ou les identifiants ne sont pas les siens"


@pytest.mark.parametrize(
    ("text", "french"),
    [
        (
            "a page to amina by email not before 5m by 10m is expected; amina is told nothing",
            "attendu (appel) à amina, par email, pas avant 5m, en 10m au plus ; rien n’est dit à amina",
        ),
        (
            "a message to amina is expected; the nearest is page at 2026-03-01T00:05:00Z by sms: major: a is down",
            "un message à amina est attendu ; le plus proche est appel à {} par sms : major: a is down",
        ),
        (
            "amina must hear of nothing, but was told: page at 2026-03-01T00:05:00Z by sms: a",
            "amina ne doit rien entendre, mais a été prévenu : appel à {} par sms : a",
        ),
        ("site/nairobi: is in_progress at the end", "site/nairobi : à la fin, état : en cours"),
        (
            "no incident of site/nairobi; there are: device/a, device/b",
            "aucun incident de site/nairobi ; il y a : device/a, device/b",
        ),
    ],
)
def test_what_a_rehearsal_expected_is_told_in_the_readers_language(text: str, french: str) -> None:
    assert expected(text, FRENCH) == french.format("1 Mar 2026, 00:05:00 UTC")
    assert expected(text, ENGLISH) != french


@pytest.mark.parametrize(
    ("what", "english", "chinese"),
    [
        ("account added", "account added", "添加账户"),
        (
            "looked at the configuration of nbo-rtr-1",
            "looked at the configuration of nbo-rtr-1",
            "查看 nbo-rtr-1 的配置",
        ),
        ("POST /incidents/5/acknowledge", "incident 5 acknowledged", "确认事件 5"),
        ("POST /api/v1/incidents/5/acknowledge", "incident 5 acknowledged", "确认事件 5"),
        ("POST /maintenance/7/approve", "window 7 approved", "批准窗口 7"),
        ("POST /some/other", "POST /some/other", "POST /some/other"),
        ("noc window approve", "noc window approve", "noc window approve"),
    ],
)
def test_what_was_done_is_told_as_a_sentence(what: str, english: str, chinese: str) -> None:
    assert done(what, ENGLISH) == english
    assert done(what, CHINESE) == chinese


def test_a_readers_words_find_what_is_kept_in_english() -> None:
    assert meant("", CHINESE) == ()
    assert meant("添加账户", CHINESE) == ('%account added"%', '%/admin/people"%', '%/accounts"%')
    assert meant("批准窗口", CHINESE) == ('%/maintenance/%/approve"%', '%/windows/%/approve"%')
    assert meant("100 %", CHINESE) == ()


def test_details_of_what_was_done_are_told_but_for_names() -> None:
    changed = {"account": "amina", "to": "role admin, person Diallo, Amina", "regions": "all"}
    assert details(changed, ENGLISH) == [
        ("Account", "amina"),
        ("Changed to", ""),
        ("Role", "admin"),
        ("Person", "Diallo, Amina"),
        ("Regions", "all regions"),
    ]
    assert details({"how": "passkey", "arguments": "24 --note x", "up_to": None}, FRENCH) == [
        ("Comment", "clé d’accès"),
        ("Arguments", "24 --note x"),
    ]
    assert details({"why": "password or code is wrong"}, ENGLISH) == [("Why", "Password or code is wrong.")]
    assert [way(one, FRENCH) for one in ("session", "noc")] == ["navigateur", "noc"]


def test_whatever_is_asked_for_by_the_api_has_a_sentence() -> None:
    asked = re.findall(r"POST[` |]+(?:/api/v1)?(/[^ `|]*)", (ROOT / "docs/reference/api.md").read_text())
    assert len(asked) > 20
    assert [one for one in asked if done(told := f"POST /api/v1{one}", ENGLISH) == told] == []


@pytest.mark.parametrize("tag", OTHERS)
def test_why_a_wall_was_not_asked_after_is_told_in_every_language(tag: str) -> None:
    for text in (
        "no address",
        "there is no way to 10.0.0.1 from here",
        "10.0.0.9, this poller's own address, is not in 'field'; name who asks in `pollers`",
    ):
        assert unasked(text, ENGLISH) == text
        assert unasked(text, language(tag)) != text
        assert all(name in unasked(text, language(tag)) for name in ("10.0.0.", "field") if name in text)
    assert unasked("[Errno 101] Network is unreachable", language(tag)) == "[Errno 101] Network is unreachable"


def test_every_shipped_rule_says_what_it_looks_for_in_words_or_as_a_condition() -> None:
    rules, _ = load_rules([shipped("rules")])
    for rule in rules.values():
        assert bool(in_words(rule, ENGLISH)) != bool(condition(rule)), rule.name
    assert in_words(rules["login-failures"], ENGLISH) == "10 from a device within 10 min"
    assert in_words(rules["login-failures"], CHINESE) == "10 分钟内来自某设备 10 次"
    assert in_words(rules["ospf-isis-neighbour-down"], FRENCH) == "Voisin IS-IS, Voisin OSPF"


def account(name: str, person: str, email: str = "", *, disabled: bool = False) -> Account:
    return Account(1, name, person, "operator", None, 0, "", email, disabled_ms=1 if disabled else None)


def test_people_are_called_by_the_full_name_of_their_account() -> None:
    people = {
        "amina": {"name": "Amina, Nairobi", "email": "amina@example.org"},
        "chat": {"name": "Chat room", "email": "both@example.org"},
        "paolo": {"email": "gone@example.org"},
    }
    settings = AlertSettings.model_validate({"people": people})
    called = CalledNames(
        settings,
        [
            account("a.odhiambo", "Amina Odhiambo", "Amina@example.org"),
            account("one", "One", "both@example.org"),
            account("two", "Two", "both@example.org"),
            account("paolo", "Paolo Rossi", "gone@example.org", disabled=True),
        ],
    )
    assert called("amina") == called("a.odhiambo") == called("Amina Odhiambo") == "Amina Odhiambo"
    assert called("chat") == "Chat room", "two accounts have this address"
    assert called("paolo") == "paolo", "who left calls nobody else's key"
    assert called("root") == "root"


@pytest.mark.parametrize("tag", LOCALES)
def test_a_number_stands_apart_from_its_unit_in_every_language(tag: str) -> None:
    spoken = language(tag)
    for unit in ("bytes", "B", "bit/s", "celsius", "percent", "milliseconds", "seconds", "packets_per_second", "V"):
        assert re.search(r"\d[ \u00a0\u202f]\S+\Z", quantity(1400, unit, spoken)) or unit == "seconds", unit
    assert quantity(1400, "bytes", spoken) == quantity(1400, "B", spoken)


def test_what_differs_in_a_rehearsal_is_not_told_twice() -> None:
    differs = [Difference("7 incidents are expected, there are 1: site/a", "6:14")]
    said = ("SCENARIO:6:14: error: 7 incidents are expected, there are 1: site/a", "SCENARIO:2:1: warning: it is short")
    assert remarks(said, differs) == ["SCENARIO:2:1: warning: it is short"]


@pytest.mark.parametrize(
    ("text", "french"),
    [
        ("status 503, not 200", "statut 503 au lieu de 200"),
        ("127.0.0.1 port 39310: no answer within 1 s", "127.0.0.1 port 39310 : pas de réponse en 1 s"),
        (
            f"10.0.0.1: no answer to the GET of 4 objects in 3 tries of 6 s in all{HINT}",
            f"10.0.0.1 : pas de réponse au GET de 4 objets en 3 essais de 6 s en tout{HINT_IN_FRENCH}",
        ),
        ("the answer lacks 'OK'", "« OK » manque dans la réponse"),
        ("it greets with 421: not now", "il accueille avec 421 : not now"),
        ("connection refused", "connection refused"),
    ],
)
def test_why_a_check_failed_is_told_in_the_readers_language(text: str, french: str) -> None:
    assert (checked(text, ENGLISH), checked(text, FRENCH)) == (text, french)


@pytest.mark.parametrize("tag", OTHERS)
def test_every_reason_of_a_check_is_told_in_every_language(tag: str) -> None:
    for text in CHECKED:
        assert checked(re.sub("{.*?}", "7", text), language(tag)) != re.sub("{.*?}", "7", text)
