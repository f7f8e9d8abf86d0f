"""The examples of docs/notifiers.md are settings that `noc check` would take."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from alerts.policies import AlertSettings
from noc import plugins
from noc.settings.yamltext import parse

PAGE = (Path(__file__).parents[4] / "docs" / "notifiers.md").read_text()
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_can_be_used(text: str) -> None:
    data = parse(text, "noc.yaml").data
    assert isinstance(data, dict)
    settings = AlertSettings.model_validate_json(json.dumps(data["alerts"]))
    assert settings.notifiers
    for name, written in settings.notifiers.items():
        kind = settings.kind_of(name)
        model = plugins.load("alerts.notifiers", kind).Settings
        model.model_validate_json(json.dumps({**written, "kind": kind}))
    for person in settings.people:
        assert settings.channels_of(person) == settings.people[person].channels


def test_every_kind_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ", PAGE, re.MULTILINE)
    assert sorted(set(rows) & set(plugins.names("alerts.notifiers"))) == plugins.names("alerts.notifiers")
