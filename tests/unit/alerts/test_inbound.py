"""Alerts and signs of life of other systems: what they are about here, when they are over, and who is silent."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from alerts.foreign import PostedAlert, PostedAlerts, entity_of
from alerts.inbound import SILENT, Allowed, Inbound
from noc.settings.secrets import Secret
from tests.unit.alerts.alerting import START, House, inventory, settings

KNOWN = inventory("nbo-rtr-1")
TOKENS = {"prometheus": Secret("p" * 16), "zabbix": Secret("z" * 16)}
EXPECTED = {"backup": {"every": "5m", "severity": "major"}}


def posted(
    name: str = "DiskFull", *, ends: float | None = None, status: str | None = None, **labels: str
) -> PostedAlert:
    """Return an alert; ends: so many minutes after the start."""
    body: dict[str, object] = {"labels": {"alertname": name, "severity": "critical", "instance": "a:9100", **labels}}
    body["annotations"] = {"summary": "Disk is full"}
    if ends is not None:
        body["endsAt"] = (START + timedelta(minutes=ends)).isoformat()
    if status is not None:
        body["status"] = status
    return PostedAlert.model_validate_json(json.dumps(body))


class Spoken:
    """A house to which others speak."""

    def __init__(self, house: House) -> None:
        self.house = house
        house.settings = settings(expect_heartbeats=EXPECTED)
        self.inbound = self.new()

    def new(self) -> Inbound:
        allowed = Allowed(self.house.settings, TOKENS)
        return Inbound(
            self.house.database, self.house.clock, allowed, lambda: self.house.inventory, "test", self.house.engine.wake
        )

    async def take(self, *alerts: PostedAlert) -> None:
        await self.inbound.take("prometheus", alerts)
        await self.house.engine.work()

    async def later(self, minutes: float) -> None:
        self.house.clock.stall(minutes * 60)
        await self.inbound.work()
        await self.house.engine.work()

    async def states(self) -> list[tuple[str, str, bool]]:
        """Return entity, rule and whether it is over, of all incidents."""
        found = await self.house.incidents()
        return [(one.entity, one.rule, one.resolved_ms is not None) for one in found]


@pytest.fixture
async def spoken(house: House) -> Spoken:
    made = Spoken(house)
    made.inbound._started_ms = int(START.timestamp() * 1000)
    return made


@pytest.mark.parametrize(
    ("labels", "entity"),
    [
        ({"instance": "nbo-rtr-1:9100"}, "device/nbo-rtr-1"),
        ({"instance": "http://192.0.2.1:9115/probe"}, "device/nbo-rtr-1"),
        ({"instance": "[2001:db8::1]:9100"}, "external/2001-db8-1"),
        ({"host": "NBO-RTR-1.example.org"}, "device/nbo-rtr-1"),
        ({"instance": "elsewhere", "site": "s"}, "site/s"),
        ({"hostname": "../../etc"}, "external/unnamed"),
        ({"alertname": "Watchdog"}, "external/Watchdog"),
        ({"alertname": "\u202e///"}, "external/unnamed"),
    ],
)
def test_labels_name_an_entity(labels: dict[str, str], entity: str) -> None:
    assert entity_of(labels, KNOWN) == entity


def test_the_form_of_the_webhook_is_taken_too() -> None:
    alert = {"labels": {"alertname": "x"}, "endsAt": "0001-01-01T00:00:00Z", "status": "firing"}
    found = PostedAlerts.model_validate_json(json.dumps({"version": "4", "status": "firing", "alerts": [alert]}))
    assert [one.status for one in found.root] == ["firing"]


async def test_an_alert_becomes_an_incident_that_ends_with_it(spoken: Spoken) -> None:
    await spoken.take(posted(ends=4))
    (incident,) = await spoken.house.incidents()
    assert (incident.entity, incident.rule, incident.severity) == ("device/a", "prometheus/DiskFull", "critical")
    assert incident.facts["summary"] == "Disk is full"
    await spoken.take(posted(ends=4), posted(ends=4))
    assert len(await spoken.house.incidents()) == 1
    await spoken.take(posted(ends=-1))
    assert await spoken.states() == [("device/a", "prometheus/DiskFull", True)]


async def test_an_alert_that_is_not_told_again_is_over_after_its_time(spoken: Spoken) -> None:
    await spoken.take(posted(), posted("Slow", instance="b"))
    await spoken.later(4)
    await spoken.take(posted())
    await spoken.later(4)
    assert [over for _, _, over in await spoken.states()][:2] == [False, True]
    spoken.inbound = spoken.new()
    await spoken.later(2)
    assert [over for _, _, over in await spoken.states()][:2] == [True, True]


async def test_two_of_one_kind_are_one_incident_until_both_are_over(spoken: Spoken) -> None:
    first, second = posted(mount="/"), posted(mount="/var")
    await spoken.take(first)
    await spoken.take(second)
    (incident,) = await spoken.house.incidents()
    assert "mount" in str(incident.facts) or incident.facts["series"] == 2
    await spoken.take(posted(mount="/", ends=-1))
    assert [over for _, _, over in await spoken.states()] == [False]
    await spoken.take(posted(mount="/var", ends=-1))
    assert [over for _, _, over in await spoken.states()] == [True]


async def test_silence_is_an_incident_until_a_sign_of_life_comes(spoken: Spoken) -> None:
    await spoken.inbound.beat("backup", "prometheus")
    await spoken.later(5)
    assert await spoken.states() == []
    await spoken.later(0.1)
    assert await spoken.states() == [("external/backup", SILENT, False)]
    await spoken.later(5)
    assert len(await spoken.states()) == 1
    await spoken.inbound.beat("backup", "prometheus")
    await spoken.house.engine.work()
    assert await spoken.states() == [("external/backup", SILENT, True)]


async def test_who_was_never_heard_has_until_noc_ran_for_so_long(spoken: Spoken) -> None:
    await spoken.later(4.9)
    assert await spoken.states() == []
    await spoken.later(0.2)
    assert await spoken.states() == [("external/backup", SILENT, False)]
    spoken.inbound = spoken.new()
    await spoken.inbound.start()
    await spoken.inbound.stop()
    spoken.inbound.replace(Allowed(settings(), TOKENS))
    await spoken.later(1)
    assert await spoken.states() == [("external/backup", SILENT, True)]


async def test_only_what_is_expected_is_taken(spoken: Spoken) -> None:
    with pytest.raises(LookupError, match="no heartbeat 'other'"):
        await spoken.inbound.beat("other", "prometheus")


def test_a_token_tells_whose_it_is(house: House) -> None:
    inbound = Spoken(house).inbound
    assert [inbound.source_of(token) for token in ("z" * 16, "p" * 16, "p" * 15, "", "\udcff")] == [
        "zabbix",
        "prometheus",
        None,
        None,
        None,
    ]
