"""Pollers that are to call people: what they need and can't have is told with its place."""

from __future__ import annotations

import pytest

from tests.unit.noc.app.conftest import CLEAN, Checking

ALERTS = """\
alerts:
  people:
    achieng: {email: achieng@example.org}
    berta: {phone: "+254700000000", channels: [sms]}
  notifiers:
    email: {host: mail.example.org, from: noc@example.org}
    sms: {url: "https://sms.example.org/", body: "{{ to }} {{ text }}"}
  policies:
    desk: {steps: [{notify: [achieng]}]}
    phones: {steps: [{notify: [berta], by: [sms]}]}
  default_policy: desk
"""
HEAD = "pollers:\n  broker: {host: mqtt.example.org, tls: true}\n"


def files(more: str, alerts: str = ALERTS) -> dict[str, str | None]:
    group = f"  groups: {{a: {{scope: [site/nairobi], autonomy: true{more}}}}}\n"
    return {"noc.yaml": CLEAN["noc.yaml"] + alerts + HEAD + group}


def said(checking: Checking, more: str, alerts: str = ALERTS) -> list[str]:
    found = checking.messages(files(more, alerts))
    return [one.partition(": error: ")[2] for one in found]


@pytest.mark.parametrize("more", ["", ", autonomy_policy: desk, autonomy_notifiers: [email]", ", autonomy_after: 60s"])
def test_what_is_right_is_taken(checking: Checking, more: str) -> None:
    assert said(checking, more) == []


def test_names_that_there_are_not_are_told_with_what_was_meant(checking: Checking) -> None:
    assert said(checking, ", autonomy_policy: dest, autonomy_notifiers: [emial, email]") == [
        "pollers.groups.a.autonomy_policy: unknown policy 'dest' (did you mean 'desk'?)",
        "pollers.groups.a.autonomy_notifiers: unknown notifier 'emial' (did you mean 'email'?)",
    ]


def test_a_silence_that_is_none_is_told(checking: Checking) -> None:
    [one] = said(checking, ", autonomy_after: 59s")
    assert one.startswith("pollers.groups.a.autonomy_after: where all is well a poller hears the centre within ")


def test_a_policy_that_reaches_nobody_by_what_is_allowed_is_told(checking: Checking) -> None:
    [one] = said(checking, ", autonomy_notifiers: [email]")
    assert one.startswith(
        "pollers.groups.a: policy 'phones' reaches nobody by the notifiers that its pollers may use (em"
    )
    assert said(checking, ", autonomy_policy: desk, autonomy_notifiers: [email]") == []


def test_a_file_that_cannot_go_along_is_told(checking: Checking) -> None:
    alerts = ALERTS.replace("from: noc@example.org}", "from: noc@example.org, ca: there/is/none.pem}")
    [one] = said(checking, "", alerts)
    assert one.startswith("alerts.notifiers.email.ca: ")
    assert "a poller that calls people needs it" in one


def test_without_a_policy_nobody_can_be_called(checking: Checking) -> None:
    assert said(checking, "", "")[0].startswith("pollers.groups.a.autonomy: there is no policy by which anybody")
