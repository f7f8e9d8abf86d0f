"""The rehearsals that noc brings along hold on its sample configuration, with people as the sample writes them."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from noc.app.check import CheckResult, check
from noc.rehearsal.expected import differences
from noc.rehearsal.run import rehearse, script_of
from noc.settings.yamltext import read

CONFIG = Path(__file__).parents[2] / "config"
REHEARSALS = sorted((CONFIG / "rehearsals").glob("*.yaml"))
PEOPLE = re.compile(r"^# alerts:\n(?:#  .*\n)+", re.MULTILINE)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> CheckResult:
    """Return the sample with its people, who are a comment in it."""
    folder = tmp_path_factory.mktemp("sample")
    for name in ("inventory", "secrets"):
        shutil.copytree(CONFIG / name, folder / name)
    written = (CONFIG / "noc.yaml").read_text()
    found = PEOPLE.search(written)
    assert found is not None
    alerts = re.sub(r"^# ?", "", found[0], flags=re.MULTILINE)
    alerts = re.sub(r"(?m)^ +(user|password): .*\n", "", alerts)
    (folder / "noc.yaml").write_text(PEOPLE.sub(lambda _: alerts, written))
    checked = check(folder / "noc.yaml", {})
    assert checked.ok, checked.findings
    return checked


def test_there_are_rehearsals() -> None:
    assert len(REHEARSALS) >= 6


@pytest.mark.parametrize("path", REHEARSALS, ids=lambda path: path.stem)
def test_what_a_rehearsal_expects_comes(path: Path, sample: CheckResult) -> None:
    script = script_of(read(path), sample)
    assert script.findings == ()
    assert [str(one) for one in differences(script.scenario, script.document, rehearse(sample, script))] == []
