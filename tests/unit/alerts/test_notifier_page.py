"""The notifier of docs/extend/notifier.md does what the page says."""

from __future__ import annotations

import json
import re
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
from types import ModuleType

import pytest

from alerts.notifiers._ports import Message, NotifyError
from noc.clock import ManualClock
from noc.model.incident import Incident
from tests.unit.alerts.alerting import START, START_MS

PAGE = Path(__file__).parents[3] / "docs" / "extend" / "notifier.md"
INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", START_MS, START_MS, {})
MESSAGE = Message("7-abc", "7-abc", "achieng", "Achieng", "subject", "text\n", "<p>html</p>", "page", INCIDENT)


def shown() -> ModuleType:
    found = re.search(r"<!-- notifier: file -->\n```python\n(.*?)```\n<!-- end -->", PAGE.read_text(), re.DOTALL)
    assert found is not None
    spec = spec_from_loader("shown_notifier", loader=None)
    assert spec is not None
    module = module_from_spec(spec)
    exec(compile(found[1], str(PAGE), "exec"), module.__dict__)  # noqa: S102 the page's own example
    return module


async def test_the_example_delivers_once_and_tells_its_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "shown_notifier", module := shown())
    module.Settings.model_rebuild()
    settings = module.Settings.model_validate_json(json.dumps({"folder": "outgoing"}))
    notifier = module.build(settings, tmp_path, ManualClock(START))
    with pytest.raises(NotifyError, match="outgoing: No such file or directory"):
        await notifier.send(MESSAGE)
    (tmp_path / "outgoing").mkdir()
    for _ in range(2):
        await notifier.send(MESSAGE)
    (file,) = (tmp_path / "outgoing").iterdir()
    assert (file.name, file.read_text()) == ("7-abc.txt", "To: achieng\nsubject\n\ntext\n")
