"""What is published of states, as data; and when anything is."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from noc.app.pollersettings import PollersSettings
from noc.app.settings import RootSettings
from noc.app.statedocuments import AT_ONCE, incident_states, own_state, states
from noc.app.stateout import Ground, StatesShown
from noc.clock import ManualClock
from noc.model.incident import Incident
from noc.model.poller import PollerState, RemotePoller
from noc.model.present import StatusNow
from noc.state.database import Database
from tests.unit.alerts.alerting import START, START_MS, inventory

BROKER = {"host": "127.0.0.1", "port": 1883}


def up(_: str) -> StatusNow:
    return StatusNow("up", START_MS)


def published(*pollers: RemotePoller, **own: Incident) -> dict[str, dict[str, object]]:
    parts = states(inventory("a", "b"), up, {f"device/{name}": one for name, one in own.items()}, pollers)
    return {topic.removeprefix("noc/v1/state/"): json.loads(body) for part in parts for topic, body in part.items()}


def test_a_region_tells_how_its_sites_are_and_an_entity_which_incident_it_has() -> None:
    incident = Incident(7, "device/a", "device-down", "major", "standard", START_MS, START_MS, {"reason": "refused"})
    told = published(a=incident)
    assert told["region/africa"]["sites"] == {"up": 1, "down": 0, "unreachable": 0, "unknown": 0}
    assert [told[f"device/{name}"]["incident"] for name in "ab"] == [7, None]
    assert told["device/a"]["reason"] == "refused"
    assert list(incident_states([incident])) == ["noc/v1/incident/7"]


@pytest.mark.parametrize(
    ("state", "quarantine", "status"),
    [("here", "", "up"), ("draining", "", "up"), ("gone", "", "down"), ("never", "", "unknown"), ("here", "x", "down")],
)
def test_a_poller_is_up_while_it_is_there_and_believed(state: PollerState, quarantine: str, status: str) -> None:
    poller = RemotePoller("nbo-1", "africa", state=state, quarantine=quarantine)
    assert published(poller)["poller/nbo-1"]["status"] == status


def test_many_are_looked_at_in_parts() -> None:
    names = [f"d{number}" for number in range(200)]
    known = inventory(*names)
    assert [len(part) for part in states(known, up, {}, ())] == [202]
    pollers = [RemotePoller(f"p{number}", "g") for number in range(AT_ONCE)]
    assert [len(part) for part in states(known, up, {}, pollers)] == [AT_ONCE, 202]


def test_the_centre_says_since_when_it_publishes_or_that_it_does_no_more() -> None:
    assert json.loads(own_state("hq", START_MS))["status"] == "up"
    assert json.loads(own_state("hq", None)) == {"entity": "poller/hq", "status": "unknown", "since": None}


def test_nothing_is_published_unless_that_is_written(tmp_path: Path) -> None:
    known = inventory("a")

    def published(pollers: dict[str, object]) -> bool:
        settings = RootSettings(pollers=PollersSettings.model_validate_json(json.dumps(pollers)))
        ground = Ground(ManualClock(START), Database(tmp_path / "x"), lambda: known, up)
        return StatesShown(settings, tmp_path, ground).is_wanted

    assert not published({"broker": BROKER})
    assert not published({"state_out": True})
    assert published({"broker": BROKER, "state_out": True})
