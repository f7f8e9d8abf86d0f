"""Settings in use beside those in the files: what differs is told, and no secret is."""

from __future__ import annotations

from noc.app.settingsdiff import HIDDEN, differences
from noc.http.itself import Difference
from noc.settings.yamltext import Data


def told(in_use: dict[str, Data], in_files: dict[str, Data]) -> list[Difference]:
    return differences(in_use, in_files, ("http", "pollers.broker"))


def test_what_is_the_same_is_not_told() -> None:
    same: dict[str, Data] = {"http": {"port": 8080}, "devices": [{"id": "a"}]}
    assert told(same, dict(same)) == []


def test_what_differs_is_told_with_both_values_and_when_it_holds() -> None:
    found = told(
        {"http": {"port": 8080}, "alerts": {"x": True}, "pollers": {"broker": "a"}},
        {"http": {"port": 9090}, "alerts": {"y": 2}, "pollers": {"broker": "b"}, "httpx": 1},
    )
    assert found == [
        Difference("alerts.x", "true", None, after_restart=False),
        Difference("alerts.y", None, "2", after_restart=False),
        Difference("http.port", "8080", "9090", after_restart=True),
        Difference("httpx", None, "1", after_restart=False),
        Difference("pollers.broker", "a", "b", after_restart=True),
    ]


def test_one_more_item_of_a_list_moves_no_others() -> None:
    items: list[dict[str, Data]] = [{"id": name, "site": "s"} for name in "abc"]
    found = told({"devices": [items[0], items[2]]}, {"devices": [*items]})
    assert [one.path for one in found] == ["devices.b.id", "devices.b.site"]


def test_secrets_are_hidden_and_where_they_are_kept_is_told() -> None:
    found = told(
        {},
        {
            "password": "hunter2",
            "token": {"!secret": "file:/etc/noc/token"},
            "odd": {"!secret": "hunter2"},
            "url": "https://user:hunter2@example.org/x",
            "snmp": {"community": ["hunter2"], "auth_key": "hunter2", "keyboard": "de"},
        },
    )
    shown = {one.path: one.in_files for one in found}
    assert "hunter2" not in str(shown)
    assert shown["token"] == "!secret file:/etc/noc/token"
    assert shown["url"] == f"https://{HIDDEN}@example.org/x"
    assert shown["snmp.keyboard"] == "de"
