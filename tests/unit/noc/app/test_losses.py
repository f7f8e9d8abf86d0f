"""A reload that would lose too many devices: refused, with the files that lost them and the way out."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from noc.app.build import build
from noc.app.check import CheckResult, check
from noc.app.losses import losses
from noc.app.reload import Reload
from noc.clock import ManualClock

from .conftest import CLEAN, Checking

START = datetime(2026, 3, 1, tzinfo=UTC)


def table(name: str, count: int, first: int = 0) -> str:
    rows = [f"{name}-{i:03},nairobi,10.{ord(name)}.{i // 250}.{i % 250 + 1},switch" for i in range(first, count)]
    return "\n".join(["id,site,address,class", *rows, ""])


class Fleet:
    """Settings with a router, devices in YAML, and a table that shrinks."""

    def __init__(self, checking: Checking) -> None:
        self._checking = checking

    def of(self, table_of: int, yaml_of: int = 0, settings: str = "") -> CheckResult:
        lines = (f"  y-{i:03}: {{site: nairobi, address: 10.9.9.{i + 1}, class: ups}}\n" for i in range(yaml_of))
        result = self._checking.run(
            {
                "noc.yaml": f"state_dir: state\n{CLEAN['noc.yaml']}{settings}",
                "inventory/devices.csv": table("d", table_of),
                "inventory/more.yaml": "devices:\n" + "".join(lines) if yaml_of else "",
            }
        )
        assert result.ok, result.findings
        return result


@pytest.fixture
def fleet(checking: Checking) -> Fleet:
    return Fleet(checking)


@pytest.mark.parametrize(
    ("before", "fresh", "settings", "refused"),
    [
        (99, 79, "", False),  # 20 of 100: no more than 20 %
        (99, 78, "", True),
        (10, 0, "", False),  # 10 of 11: few
        (11, 0, "", True),
        (99, 0, "reload_max_removed: 100\n", False),
        (99, 88, "reload_max_removed: 0\n", True),
        (99, 89, "reload_max_removed: 0\n", False),
        (10, 99, "", False),
    ],
)
def test_more_than_a_share_and_more_than_a_few(
    fleet: Fleet, before: int, fresh: int, settings: str, refused: bool
) -> None:
    assert bool(losses(fleet.of(before), fleet.of(fresh, settings=settings))) is refused


def test_it_says_which_files_lost_devices_and_what_to_do(fleet: Fleet) -> None:
    before = fleet.of(60, 39)
    fresh = fleet.of(20, 37, "reload_max_removed: 25\n")
    assert [str(finding) for finding in losses(before, fresh)] == [
        (
            "noc.yaml:4:21: error: the reload would remove 42 of 100 devices (42.0 %), more than reload_max_removed: "
            "25 allows, and was refused; mend the files that lost them, or, where it is meant, restart noc or raise "
            "reload_max_removed"
        ),
        "inventory/devices.csv: error: 40 of its 60 devices are gone (d-020, d-021, d-022, …), it holds 20 now",
        "inventory/more.yaml: error: 2 of its 39 devices are gone (y-037, y-038), it holds 37 now",
    ]


def test_devices_that_move_to_another_file_are_not_lost(fleet: Fleet, checking: Checking) -> None:
    before = fleet.of(60)
    (checking.folder / "inventory" / "devices.csv").unlink()
    (checking.folder / "inventory" / "moved.yaml").write_text(
        "devices:\n"
        + "".join(f"  d-{i:03}: {{site: nairobi, address: 10.100.0.{i + 1}, class: switch}}\n" for i in range(60))
    )
    fresh = check(checking.folder / "noc.yaml", {})
    assert fresh.devices == 61
    assert losses(before, fresh) == ()


def test_many_files_are_not_all_named(checking: Checking) -> None:
    files: dict[str, str | None] = {
        f"inventory/{i:02}.yaml": f"devices: {{x-{i}: {{site: nairobi, address: 10.1.1.{i + 1}, class: ups}}}}\n"
        for i in range(30)
    }
    before = checking.run(files)
    for name in files:
        Path(name).unlink()
    found = losses(before, check(Path("noc.yaml"), {}))
    assert len(found) == 22
    assert str(found[1]) == (
        "inventory/00.yaml: error: 1 of its 1 device is gone (x-0), it holds 0 now; the file is gone"
    )
    assert found[-1].message == "10 more files lost devices"


async def test_a_reload_that_is_refused_changes_nothing_until_it_is_meant(
    fleet: Fleet, caplog: pytest.LogCaptureFixture
) -> None:
    checked = fleet.of(60)
    daemon = build(checked, ManualClock(START))
    reload = Reload(Path("noc.yaml"), checked, daemon)
    fleet.of(0)
    with caplog.at_level(logging.INFO):
        assert not await reload.now()
    assert len(daemon.inventory().devices) == 61
    assert reload.watched == "61 devices at 1 site"
    assert [finding.file for finding in reload.findings] == ["noc.yaml", "inventory/devices.csv"]
    assert "60 of its 60 devices are gone" in caplog.text
    assert "nothing was changed" in caplog.text
    fleet.of(60)
    assert await reload.now()
    assert reload.findings == ()
    fleet.of(0, settings="reload_max_removed: 100\nhttp: {listen: 0.0.0.0}\n")
    with caplog.at_level(logging.INFO):
        assert await reload.now()
    assert set(daemon.inventory().devices) == {"nbo-rtr-1"}
    assert "warning: http.listen: other machines reach 0.0.0.0" in caplog.text
