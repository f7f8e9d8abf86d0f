"""Policies that don't reach a person are told with their place, and the nearest name."""

from __future__ import annotations

from pathlib import Path

import pytest

from alerts.policies import AlertSettings
from alerts.reach import unreached
from noc.model.errors import InputError
from noc.settings.schema import validate_at
from noc.settings.yamltext import Data, Document, read

CLEAN = """\
alerts:
  people:
    achieng: {name: Achieng Odhiambo, email: achieng@example.org, language: fr, time_zone: Africa/Nairobi}
    berta: {email: berta@example.org}
  notifiers:
    email: {host: mail.example.org, from: noc@example.org}
    backup: {kind: email, host: other.example.org, from: noc@example.org}
  policies:
    standard:
      steps:
        - {notify: [achieng], by: [email]}
        - {after: 15m, notify: [berta], by: [email, backup]}
      reminder: 30m
  base_url: https://noc.example.org/
"""


def findings(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """Return what is wrong with the clean settings when some of their text is replaced."""
    text = CLEAN
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    (folder / "noc.yaml").write_text(text)
    document = read(folder / "noc.yaml", {})
    found = list(unreached(written(document), document))
    try:
        validate_at(AlertSettings, document, ("alerts",))
    except InputError as error:
        found += error.findings
    return [str(finding).replace(f"{folder}/", "") for finding in sorted(found)]


def written(document: Document) -> Data:
    assert isinstance(document.data, dict)
    return document.data["alerts"]


def test_clean_settings_have_no_findings(tmp_path: Path) -> None:
    assert findings(tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (
            "notify: [achieng]",
            "notify: [achien]",
            "noc.yaml:11:21: error: policy 'standard': unknown person 'achien' (did you mean 'achieng'?)",
        ),
        (
            "by: [email]}",
            "by: [emial]}",
            "noc.yaml:11:36: error: policy 'standard': unknown notifier 'emial' (did you mean 'email'?)",
        ),
        (
            "{email: berta@example.org}",
            "{}",
            "noc.yaml:12:33: error: policy 'standard': person 'berta' has no address for 'email'; give email",
        ),
        (
            "after: 15m",
            "after: 0s",
            "noc.yaml:12:19: error: policy 'standard': step 2 comes no later than step 1 (0ms, 0ms); put",
        ),
        (
            "base_url: https://noc.example.org/",
            "default_policy: standart",
            "noc.yaml:14:19: error: unknown policy 'standart' (did you mean 'standard'?)",
        ),
        (
            "reminder: 30m",
            "reminder: 30m\n    other: {steps: [{notify: [berta]}]}",
            "noc.yaml:8:3: error: there are 2 policies: say with default_policy which one holds by default",
        ),
        ("email: achieng@example.org", "email: achieng", "is not an address of e-mail"),
        ("language: fr", "language: de", "'de' is not one of ar, zh, en, fr, ru, es"),
        ("after: 15m", "after: -15m", "'-15m' is not a duration"),
        ("https://noc.example.org/", "noc.example.org", "is not the address of a page"),
        ("steps:", "stages:", "unknown key 'stages' (did you mean 'steps'?)"),
        ("notify: [achieng]", "notify: []", "is too short"),
    ],
)
def test_each_mistake_has_its_place(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert any(expected in finding for finding in findings(tmp_path, (old, new)))


def test_of_a_policy_that_reaches_nobody_the_cause_is_told_alone(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        ("{name: Achieng Odhiambo, email: achieng@example.org, language: fr, time_zone: Africa/Nairobi}", "{}"),
        ("{email: berta@example.org}", "{}"),
    )
    assert [finding.partition("'standard': ")[2] for finding in found] == [
        "person 'achieng' has no address for 'email'; give email",
        "person 'berta' has no address for 'backup'; give email",
        "person 'berta' has no address for 'email'; give email",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{email: berta@example.org}", "{emial: berta@example.org}", ["unknown key 'emial' (did you mean 'email'?)"]),
        ("backup: {kind: email,", "backup: {kind: emial,", []),  # what is wrong with notifiers is told elsewhere
        (
            "notify: [achieng], by: [email]",
            "notify: [achieng]",
            [],
        ),
        (
            "notifiers:\n    email: {host",
            "notifiers:\n    mail: {kind: email, host",
            [
                "policy 'standard': unknown notifier 'email' (did you mean 'mail'?)",
                "policy 'standard': a step without `by` goes by 'email', which is not among notifiers; add it, or give",
            ],
        ),
    ],
)
def test_what_follows_from_a_mistake_is_not_told(tmp_path: Path, old: str, new: str, expected: list[str]) -> None:
    steps = ("by: [email, backup]}\n", "by: [email, backup]}\n        - {after: 20m, notify: [achieng]}\n")
    found = findings(tmp_path, (old, new), *([steps] if "mail: {kind" in new else []))
    told = {finding.partition(" error: ")[2] for finding in found}
    assert all(any(words in one for one in told) for words in expected), found
    assert len(told) == len(expected)


def test_a_mistake_of_schema_hides_no_wrong_name(tmp_path: Path) -> None:
    found = findings(
        tmp_path,
        ("language: fr", "language: de"),
        ("{notify: [achieng], by: [email]}", "{notify: [achien, 7], by: [emial], after: soon}"),
        ("reminder: 30m", "reminder: often"),
        ("after: 15m, notify: [berta]", "after: 15m, notify: [bertha]"),
        ("base_url: https://noc.example.org/", "default_policy: standart"),
    )
    assert [finding.partition(" error: ")[2].partition(" (")[0] for finding in found] == [
        "people.achieng.language: 'de' is not one of ar, zh, en, fr, ru, es",
        "policy 'standard': unknown person 'achien'",
        "policies.standard.steps.0.notify.1: 7 is not a word of lower-case letters, digits, '.', '_' and '-'",
        "policy 'standard': unknown notifier 'emial'",
        "policies.standard.steps.0.after: 'soon' is not a duration; write a number and a unit: 500ms, 30s, 5m, 2h, 1d",
        "policy 'standard': unknown person 'bertha'",
        "policies.standard.reminder: 'often' is not a duration; write a number and a unit: 500ms, 30s, 5m, 2h, 1d",
        "unknown policy 'standart'",
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("people:", "people: [a]\n  peopel:", ["people: must be a mapping of keys", "unknown key 'peopel'"]),
        ("notifiers:", "notifiers: 7\n  notifeirs:", ["notifiers: must be a mapping", "unknown key 'notifeirs'"]),
        ("email: achieng@example.org", "email: [a]", ["people.achieng.email: must be text"]),
        ("steps:", "steps: 1\n      stepz:", ["policies.standard.steps: must be a list", "unknown key 'stepz'"]),
        ("- {notify: [achieng], by: [email]}", "- 7", ["policies.standard.steps.0: must be a mapping of keys"]),
    ],
)
def test_what_a_mistake_of_schema_leaves_unsure_is_not_told(
    tmp_path: Path, old: str, new: str, expected: list[str]
) -> None:
    found = findings(tmp_path, (old, new))
    assert len(found) == len(expected)
    assert all(any(words in finding for finding in found) for words in expected)


def test_people_without_any_policy_are_worth_a_warning(tmp_path: Path) -> None:
    (tmp_path / "noc.yaml").write_text("alerts: {people: {achieng: {email: a@example.org}}}\n")
    document = read(tmp_path / "noc.yaml", {})
    (found,) = unreached(written(document), document)
    assert (found.level, found.line) == ("warning", 1)
    assert list(unreached({}, document)) == []


def test_addresses_of_other_kinds_and_the_kind_of_a_named_notifier() -> None:
    settings = AlertSettings.model_validate_json(
        """{"people": {"a": {"email": "a@example.org", "addresses": {"sms": "+254700000000"}}},
            "notifiers": {"backup": {"kind": "email"}, "sms": {}}}"""
    )
    person = settings.people["a"]
    assert person.address("backup", settings.kind_of("backup")) == "a@example.org"
    assert person.address("sms", settings.kind_of("sms")) == "+254700000000"
    assert person.address("pager", "pager") is None
