"""Settings of plug-ins: each mistake with its place, its whole name and plain words."""

from __future__ import annotations

import pytest

from noc import plugins

from .conftest import CLEAN, Checking

ALERTS = """alerts:
  notifiers:
    email: {{{0}}}
"""
KINDS = ", ".join(plugins.names("alerts.notifiers"))
NO_POLICY = "there is no policy: incidents are opened, but nobody is told of them; add policies"


def notifier(checking: Checking, text: str) -> list[str]:
    found = checking.messages({"noc.yaml": CLEAN["noc.yaml"] + ALERTS.format(text)})
    return [message for message in found if NO_POLICY not in message]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "host: '', from: noc@example.org",
            ["noc.yaml:5:19: error: alerts.notifiers.email.host: is too short; it needs at least 1"],
        ),
        (
            "host: mail server, from: noc@example.org",
            [
                (
                    "noc.yaml:5:19: error: alerts.notifiers.email.host: 'mail server' is no name or address of a "
                    "server; write mail.example.org"
                )
            ],
        ),
        (
            "hots: mail, port: high, from: noc@example.org",
            [
                "noc.yaml:5:13: error: alerts.notifiers.email: unknown key 'hots' (did you mean 'host'?)",
                "noc.yaml:5:31: error: alerts.notifiers.email.port: must be a whole number, not 'high'",
            ],
        ),
        (
            "kind: emial",
            [
                (
                    "noc.yaml:5:19: error: alerts.notifiers.email.kind: no notifier is called 'emial' "
                    f"(did you mean 'email'?); there are: {KINDS}"
                )
            ],
        ),
        ("kind: 7", [f"noc.yaml:5:19: error: alerts.notifiers.email.kind: must be one of {KINDS}"]),
        (
            "host: mail, from: noc@example.org, user: noc",
            ["noc.yaml:5:12: error: alerts.notifiers.email: user and password are given together, or neither"],
        ),
        (
            "host: mail, from: noc@example.org, password: hunter2",
            [
                (
                    "noc.yaml:5:58: error: alerts.notifiers.email.password: a secret is given by reference only: "
                    "write !secret file:/path, !secret env:NAME or !secret cred:NAME"
                )
            ],
        ),
    ],
)
def test_notifiers(checking: Checking, text: str, expected: list[str]) -> None:
    assert notifier(checking, text) == expected


@pytest.mark.parametrize(
    ("store", "expected"),
    [
        (
            "{kind: embedded, retention: soon}",
            "noc.yaml:3:36: error: store.retention: 'soon' is not a duration; write a number and a unit: ",
        ),
        ("{kind: embeded}", "noc.yaml:3:15: error: store.kind: no store is called 'embeded' (did you mean"),
        ("{kind: memory, max_valeus: 1}", "noc.yaml:3:23: error: store: unknown key 'max_valeus' (did you mean"),
        ("{kind: influx, url: 7, dialect: v9}", "noc.yaml:3:28: error: store.url: must be text, not 7"),
        ("7", "noc.yaml:3:8: error: store: must be a mapping of keys, not a number"),
    ],
)
def test_stores(checking: Checking, store: str, expected: str) -> None:
    found = checking.messages({"noc.yaml": f"{CLEAN['noc.yaml']}store: {store}\n"})
    assert found[0].startswith(expected)
    assert len(found) == (2 if "v9" in store else 1)


def test_a_notifier_of_no_kind_names_those_that_exist(checking: Checking) -> None:
    alerts = "alerts:\n  notifiers:\n    carrier-pigeon: {host: mail.example.org}\n"
    found = checking.messages({"noc.yaml": CLEAN["noc.yaml"] + alerts})
    (message,) = [message for message in found if NO_POLICY not in message]
    place, _, said = message.partition(" error: ")
    assert place == "noc.yaml:5:5:"
    name = "alerts.notifiers.carrier-pigeon"
    assert said == f"{name}: no kind of notifier is called 'carrier-pigeon'; give `kind`; there are: {KINDS}"
