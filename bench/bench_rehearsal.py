"""How long a rehearsal takes: a day on 20,303 devices at 594 sites, of which a site, or more, is lost for an hour.

    python bench/bench_rehearsal.py [--lost site/juba] [--hours 24]

`--lost region/africa --hours 3` is a whole region: 11,519 devices.

Prints wall and processor time of reading the configuration, playing, and making the answer.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from noc.app.check import check
from noc.rehearsal.answer import answer_document
from noc.rehearsal.run import rehearse, script_of
from noc.settings.yamltext import Data, parse
from noc.simulator.configuration import write_configuration
from noc.simulator.world import build

SITES, DEVICES = 594, 20_303
ALERTS: dict[str, Data] = {
    "people": {"achieng": {"email": "achieng@example.org"}, "desk": {"email": "desk@example.org"}},
    "notifiers": {"email": {"host": "mail.example.org", "from": "noc@example.org"}},
    "policies": {"standard": {"steps": [{"notify": ["achieng"]}, {"after": "15m", "notify": ["desk"]}]}},
}
SCENARIO = """\
start: 2026-03-01T00:00:00Z
duration: {hours}h
events:
  - {{at: 1h, fail: {lost}}}
  - {{at: 70m, ack: root, by: achieng}}
  - {{at: 2h, restore: {lost}}}
"""

_Result = TypeVar("_Result")


def main() -> None:
    """Run, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lost", default="site/juba", help="what fails for an hour: a site, a region, a device")
    parser.add_argument("--hours", type=int, default=24)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        config = write_configuration(build(SITES, DEVICES, 1), Path(folder), 1161, {"alerts": ALERTS})
        checked = timed("read and check", lambda: check(config, {}))
    script = script_of(parse(SCENARIO.format(hours=asked.hours, lost=asked.lost), "scenario.yaml"), checked)
    outcome = timed("play", lambda: rehearse(checked, script))
    timed("answer", lambda: answer_document(outcome))
    symptoms = sum(map(len, outcome.symptoms.values()))
    print(f"{len(outcome.incidents)} incidents, {symptoms} symptoms, {len(outcome.told)} messages")


def timed(what: str, do: Callable[[], _Result]) -> _Result:
    """Return what a function returns, and print how long it took."""
    wall_s, cpu_s = time.perf_counter(), time.process_time()
    found = do()
    print(f"{what:>15}: {time.perf_counter() - wall_s:6.1f} s, {time.process_time() - cpu_s:6.1f} s of a processor")
    return found


if __name__ == "__main__":
    main()
