"""What a change of rules would have done, asked of a running daemon about what it saw itself."""

from __future__ import annotations

import signal
from contextlib import closing
from pathlib import Path

import pytest

from tests.live.house import House, noc

pytestmark = [pytest.mark.live, pytest.mark.slow]

STORE = "store: {kind: embedded}\n"


def test_a_rule_that_is_switched_off_takes_a_real_incident_away(tmp_path: Path) -> None:
    with closing(House(tmp_path, STORE)) as house:
        house.patience_s = 90.0  # several processes start, one after the other
        house.agent_on()
        house.start()
        house.until(lambda: house.statuses()[-1:] == ["up"], "the agent to be up")
        house.agent_off()
        house.until(lambda: house.statuses()[-1:] == ["down"], "the agent to be down")
        house.agent_on()
        house.until(lambda: house.statuses()[-1:] == ["up"], "the agent to be up again")
        begun = house.ask("/what-ifs", {"rule": "device-down", "text": "enabled: false\n"})
        assert begun["state"] == "running"

        def answered() -> bool:
            return house.ask(f"/what-ifs/{begun['id']}")["state"] != "running"

        house.until(answered, "the past to be played again")
        found = house.ask(f"/what-ifs/{begun['id']}")
        assert (found["state"], found["done"]) == ("done", 1.0), found["said"]
        answer = found["answer"]
        assert isinstance(answer, dict)
        assert answer["rules"] == {"added": [], "removed": ["device-down"], "changed": []}
        gone = [(one["entity"], one["rule"]) for one in answer["vanish"]]
        assert ("site/loopback", "device-down") in gone or ("device/agent", "device-down") in gone
        assert answer["appear"] == []
        wrong = house.ask("/what-ifs", {"rule": "mine", "text": "kind: threshold\n"})
        house.until(lambda: house.ask(f"/what-ifs/{wrong['id']}")["state"] != "running", "the mistake to be told")
        told = house.ask(f"/what-ifs/{wrong['id']}")
        assert told["state"] == "failed"
        assert any("mine.yaml:1:1: error:" in str(line) for line in (told["said"] or ()))  # type: ignore[attr-defined]
        file = tmp_path / "device-down.yaml"
        file.write_text("enabled: false\n")
        played = noc(house, "rules", "what-if", str(file), "--days", "1", "--json")
        assert played.returncode in (0, 1), played.stderr
        assert '"vanish"' in played.stdout
        assert house.stop(signal.SIGTERM) == 0
