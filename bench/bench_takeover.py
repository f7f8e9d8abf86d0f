"""How soon the devices of a dead poller are asked by others of its group.

    python bench/bench_takeover.py [--pollers 10] [--devices 2000] [--sites 60] [--silent]

The simulator, Mosquitto, so many processes of pollers in one group, and a small centre in this one that acknowledges
all frames. Devices are asked for liveness by SNMP each minute and polled each five. When every device was asked one
poller is killed (the broker sees its connection end, and says its last will); with --silent it is stopped instead, as a
machine that is gone without a word: others go by `lost_after`, a minute. Times are those at which devices were asked,
by the pollers' clocks.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import resource
import signal
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench_poller import OPEN_FILES, broker, read_folder, start
from bench_polling import simulator

from noc.bus import messages, plans, topics
from noc.bus.bases import Keeping
from noc.bus.briefs import UnknownBaseError
from noc.bus.frames import body_of, head_of, keep_bases
from noc.bus.identity import Identity
from noc.bus.messages import Acknowledged, Presence
from noc.bus.plans import PlanText
from noc.bus.readings import read
from noc.bus.sealing import new_key
from noc.model.instants import to_us
from noc.settings.yamltext import Data
from noc.simulator.configuration import Pace, write_configuration
from noc.wire.mqtt import Broker, Heard, Link, Publication, linked

ALIVE_S = 60.0
PATIENCE_S = 900.0


class Centre:
    """Takes all frames and acknowledges them. asked: of each device's liveness, when and by whom, in the order of
    coming. gone: when the broker said of a poller that it is gone.
    """

    def __init__(self, pollers: dict[str, Identity], files: dict[str, bytes]) -> None:
        self.pollers, self.files = pollers, files
        self.asked: dict[str, list[tuple[float, str]]] = {}
        self.gone: dict[str, float] = {}
        self._bases = {name: Keeping(100_000) for name in pollers}

    async def run(self, port: int) -> None:
        """Take what comes, for ever."""
        where = Broker("127.0.0.1", port, "noc-centre-bench")
        async with linked(where, [topics.of_all(word) for word in topics.OF_POLLERS]) as link:
            async for heard in link.heard():
                await self._take(link, heard)

    async def _take(self, link: Link, heard: Heard) -> None:
        known = topics.read(heard.topic)
        if known is None or known[0] not in self.pollers:
            return
        name, word = known
        if word == "presence":
            await self._answer(link, name, messages.read(heard.body, Presence))
            return
        head, body = head_of(heard.body), body_of(heard.body)
        keep_bases(body, self._bases[name])
        try:
            found = [read(text, name, self._bases[name]) for text in body.readings]
        except UnknownBaseError as error:  # a newer frame came first
            lacks = Acknowledged(centre="bench", boot=head.boot.hex(), missing=(error.digest.hex(),))
            await self._say(link, name, "acks", messages.written(lacks))
            return
        for key, reading in found:
            if key.endswith(":uptime"):
                self.asked.setdefault(key, []).append((reading.started_at.timestamp(), name))
        said = Acknowledged(centre="bench", boot=head.boot.hex(), stored=((head.number, head.number),))
        await self._say(link, name, "acks", messages.written(said))

    async def _answer(self, link: Link, name: str, said: Presence) -> None:
        if said.state == "gone":
            self.gone[name] = time.time()  # the last one: when all begin, a link may break
            return
        now_us = to_us(datetime.now(UTC))
        answer = Acknowledged(centre="bench", boot=said.boot, sent_us=said.sent_us, taken_us=now_us, answered_us=now_us)
        await self._say(link, name, "acks", messages.written(answer))
        if said.plan != plans.digest(self.files):
            plan = PlanText(name, 1, "bench", self.files)
            await self._say(link, name, "plan", plans.written(plan, self.pollers[name].sealing_key))

    async def _say(self, link: Link, name: str, word: topics.Word, body: bytes) -> None:
        await link.publish(Publication(topics.of_poller(name, word), body, assured=word != "acks"))


async def until(task: asyncio.Task[None], met: Callable[[], bool], what: str) -> None:
    """Wait for something that the centre is told; raise what ends it before."""
    async with asyncio.timeout(PATIENCE_S):
        while not met():
            if task.done():
                await task
                raise SystemExit(f"the centre ended before {what}")
            await asyncio.sleep(0.2)


async def measure(folder: Path, pollers: int, devices: int, sites: int, *, silent: bool) -> None:
    """Run them, end one, and print how soon the others asked its devices."""
    names = [f"p{number}" for number in range(pollers)]
    extra: dict[str, Data] = {
        "polling": {"poller": "hq"},
        "pollers": {"groups": {"all": {"scope": ["region/africa"]}}, "lost_after": "60s"},
    }
    (folder / "plan").mkdir()
    rhythm = Pace(timedelta(seconds=ALIVE_S), timedelta(seconds=5 * ALIVE_S))
    with simulator(folder, sites, devices) as (world, agents), broker(folder) as port:
        write_configuration(world, folder / "plan", agents, extra, rhythm)
        files = read_folder(folder / "plan")
        files["pollers.txt"] = "".join(f"{name}\n" for name in names).encode()
        who = {name: identity(name, port) for name in names}
        centre = Centre(who, files)
        task = asyncio.create_task(centre.run(port))
        running: dict[str, subprocess.Popen[bytes]] = {}
        try:
            for name in names:
                (folder / name).mkdir()
                running[name] = start(folder / name, who[name])
            await end_one(task, centre, running, devices, silent=silent)
        finally:
            for process in running.values():
                process.send_signal(signal.SIGCONT)
                process.terminate()
            for process in running.values():
                await asyncio.to_thread(process.wait)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def identity(name: str, port: int) -> Identity:
    """Return the identity of a poller."""
    key = base64.b64encode(new_key()).decode()
    return Identity(
        poller=name, group="all", centre="c", key=key, host="127.0.0.1", port=port, tls=False, user="", password=""
    )


async def end_one(
    task: asyncio.Task[None],
    centre: Centre,
    running: dict[str, subprocess.Popen[bytes]],
    devices: int,
    *,
    silent: bool,
) -> None:
    """Wait until all devices are asked, by shares that no longer change; end one poller, and print what came of it."""
    await until(task, lambda: len(centre.asked) >= devices, "all devices were asked")
    await asyncio.sleep(ALIVE_S)  # whoever came last has its share now
    ended, process = next(iter(running.items()))
    process.send_signal(signal.SIGSTOP if silent else signal.SIGKILL)
    at_s = time.time()
    lost = [key for key, asked in centre.asked.items() if max(asked)[1] == ended]
    await until(task, lambda: all(first_by_others(centre, key, ended, at_s) for key in lost), "all were taken over")
    took_s = sorted((first_by_others(centre, key, ended, at_s) or at_s) - at_s for key in lost)
    gaps_s = [gap_s(centre, key, at_s) for key in lost]
    counts = sorted(sum(max(asked)[1] == name for asked in centre.asked.values()) for name in running if name != ended)
    how = "stopped" if silent else "killed"
    print(f"{len(running)} pollers, {devices} devices; {ended} had {len(lost)} of them, and was {how}")
    if ended in centre.gone:
        print(f"the broker said so after {centre.gone[ended] - at_s:.1f} s")
    print(
        f"asked by others: the first after {took_s[0]:.1f} s, half after {statistics.median(took_s):.1f} s, "
        f"all after {took_s[-1]:.1f} s"
    )
    print(f"between two results of a device {max(gaps_s):.1f} s at most, {ALIVE_S:.0f} s else")
    print(f"devices of each of the others: {counts[0]} to {counts[-1]}")


def first_by_others(centre: Centre, key: str, ended: str, at_s: float) -> float | None:
    """Return when somebody else first asked a device; None: nobody did."""
    return min((asked_s for asked_s, name in centre.asked[key] if name != ended and asked_s > at_s), default=None)


def gap_s(centre: Centre, key: str, at_s: float) -> float:
    """Return the time between the last result of a device before a moment and the first one after it."""
    times = sorted(asked_s for asked_s, _ in centre.asked[key])
    return min(one for one in times if one > at_s) - max(one for one in times if one <= at_s)


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pollers", type=int, default=10)
    parser.add_argument("--devices", type=int, default=2_000)
    parser.add_argument("--sites", type=int, default=60)
    parser.add_argument("--silent", action="store_true")
    asked = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(OPEN_FILES, hard), hard))
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), asked.pollers, asked.devices, asked.sites, silent=asked.silent))


if __name__ == "__main__":
    main()
