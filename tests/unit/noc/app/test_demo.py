"""What `noc demo` looks at before it builds a world."""

from __future__ import annotations

from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest

from alerts.rules.load import load_examples, load_rules
from noc.app.demo import DemoOptions, demo, write_rules
from noc.clock import SystemClock
from noc.model.errors import UsageError


async def test_a_port_that_is_taken_is_told_before_the_world_is_built(tmp_path: Path) -> None:
    with socket(AF_INET, SOCK_STREAM) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port, told = taken.getsockname()[1], list[str]()
        with pytest.raises(UsageError, match=rf"127\.0\.0\.1:{port} .* in use; give another --port"):
            await demo(DemoOptions(tmp_path / "world", port, 1, 1, 1, quiet=True), SystemClock(), told.append, print)
    assert told == []
    assert not (tmp_path / "world").exists()


def test_its_rules_are_whole_and_have_no_examples_of_other_times(tmp_path: Path) -> None:
    write_rules(tmp_path / "rules")
    rules, findings = load_rules([tmp_path / "rules"])
    assert findings == []
    assert len(rules) > 20
    assert not any(load_examples([tmp_path / "rules"]).values())
