"""docs/extend/profile.md: its example is a profile that works, and it names all that a profile can say."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest

from noc.cli._snapshot import show
from noc.inventory.profiles.compiled import IndexType, ValueType
from noc.inventory.profiles.load import load_profiles, pick
from noc.inventory.profiles.text import (
    ConditionText,
    EntitySensorText,
    ExpressionMap,
    IdentityText,
    MatchText,
    MibText,
    ProfileText,
    RecordText,
    SensorText,
    TableText,
)
from noc.model.reading import Reading, SnmpAnswer
from noc.model.snapshot import RECORD_FIELDS, SATELLITE_FIELDS, SENSOR_UNITS, Snapshot
from noc.pipeline.snapshot import snapshot
from tests.families import some_families

PAGE = (Path(__file__).parents[4] / "docs" / "extend" / "profile.md").read_text()
ANSWER = SnmpAnswer(
    "example-satlink",
    {
        "sysDescr": b"SatLink 7, Version 4.2",
        "sysObjectID": "1.3.6.1.4.1.32473.7.1",
        "sysName": b"juba-sat-1",
        "sysUpTime": 8_640_000,
        "satlinkSerial": b"SL-0042",
        "satlinkEsNo": 4294967275,
        "satlinkLock": 1,
        "satlinkCpuLoad": 7,
    },
    {
        "satlinkBoardTable": {
            (1,): {
                "satlinkBoardName": b"RF",
                "satlinkBoardTemperature": 71,
                "satlinkBoardTemperatureMax": 70,
            },
            (2,): {"satlinkBoardName": b"", "satlinkBoardTemperature": -128},
        }
    },
)


def block(kind: str) -> str:
    """Return what stands in the fenced block between `<!-- kind: example-satlink -->` and `<!-- end -->`."""
    found = re.search(rf"<!-- {kind}: example-satlink -->\n```\w+\n(.*?)```\n<!-- end -->", PAGE, re.DOTALL)
    assert found is not None, f"docs/extend/profile.md has no block '{kind}'"
    return found[1]


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    own = tmp_path_factory.mktemp("own")
    (own / "example-satlink.yaml").write_text(block("profile"))
    profiles, findings = load_profiles([some_families(["generic"], own / "shipped"), own])
    assert findings == []
    profile = pick(profiles, "1.3.6.1.4.1.32473.7.1", None)
    assert profile.name == "example-satlink"
    return snapshot(Reading("snmp", "192.0.2.7", "page", datetime(2026, 3, 1, tzinfo=UTC), 0.042, snmp=ANSWER), profile)


def test_the_example_reads_a_device_as_the_page_says(
    taken: Snapshot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    show(taken)
    assert capsys.readouterr().out == block("answer")


def test_the_example_is_the_family_and_not_a_shipped_one(taken: Snapshot) -> None:
    assert (taken.satellite["es_n0_db"], taken.satellite["rx_lock"]) == (-2.1, True)
    assert [(sensor.kind, sensor.value, sensor.status) for sensor in taken.sensors] == [
        ("es_n0", -2.1, "ok"),
        ("state", 1, "ok"),
        ("temperature", 71, "critical"),
    ]


@pytest.mark.parametrize(
    "model",
    [
        ProfileText,
        MatchText,
        IdentityText,
        ExpressionMap,
        ConditionText,
        SensorText,
        EntitySensorText,
        RecordText,
        MibText,
        TableText,
    ],
)
def test_the_page_names_every_key(model: type[ProfileText]) -> None:
    names = {field.alias or name for name, field in model.model_fields.items()}
    assert {name for name in names if not re.search(rf"\b{re.escape(name)}\b", PAGE)} == set()


@pytest.mark.parametrize(
    "words",
    [SENSOR_UNITS, RECORD_FIELDS, SATELLITE_FIELDS, get_args(ValueType), get_args(IndexType)],
    ids=["kinds", "lists", "satellite", "types", "index types"],
)
def test_the_page_names_every_word(words: tuple[str, ...]) -> None:
    assert {word for word in words if f"`{word}`" not in PAGE} == set()


def test_the_page_links_to_what_is_there() -> None:
    folder = Path(__file__).parents[4] / "docs" / "extend"
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", PAGE):
        assert (folder / target).exists(), target
