"""The numbers of the past of a world: what noc would have read of its devices. No clock, no network.

What an agent would have answered (`Answers`) goes through the real `noc.pipeline.ingest.Ingest`, which reads it by the
real profile and makes rates with the poll before. A device that was silent at a moment has no numbers of it, and after
a restart there are no rates: as it would have been.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from noc.inventory.profiles.compiled import Profile
from noc.model.check import Check
from noc.model.instants import from_ms
from noc.model.reading import Reading
from noc.model.samples import Samples
from noc.pipeline.ingest import Ingest
from noc.pipeline.status import Statuses
from noc.scheduling.plan import offset_s
from noc.simulator.answers import Answers
from noc.simulator.faults import Story
from noc.simulator.objects import View
from noc.simulator.pastplan import Wave
from noc.simulator.scene import REMEMBERED_MS, Scene
from noc.simulator.world import VANTAGE, SimDevice, World

KIND: Final = "snmp"

Told = tuple[Samples, ...]


class PastPolls:
    """Polls devices of a story at moments before it begins. poll_interval_s: of all devices."""

    def __init__(self, story: Story, profiles: Mapping[str, Profile], poll_interval_s: float) -> None:
        self._story = story
        self._world: Final[World] = story.world
        self._profiles = profiles
        self._interval_s = poll_interval_s
        self._answers: dict[View, Answers] = {}

    def of(self, wave: Wave) -> Iterator[Told]:
        """Yield what comes of each poll of a wave that is told, in order of time."""
        devices = [self._world.devices[number] for number in wave.devices]
        due = sorted((poll, device.number) for device in devices for poll in wave.polls(*self.rhythm(device)))
        if not due:
            return
        scene = Scene(self._story, due[0][0].at_ms, self._story.begins_ms - REMEMBERED_MS)
        ingest = Ingest(self._profiles, Statuses(), lambda entity: context(self._world, entity))
        for poll, number in due:
            scene.advance(poll.at_ms)
            if scene.silent[number]:
                continue
            told = self._told(scene, ingest, self._world.devices[number], poll.at_ms)
            if poll.is_told:
                yield told

    def _told(self, scene: Scene, ingest: Ingest, device: SimDevice, at_ms: int) -> Told:
        view, now = scene.views[device.number], scene.moment(device.number, at_ms)
        answers = self._answers.get(view)
        if answers is None:
            answers = self._answers[view] = Answers(view, self._profiles, now)
        check = Check(device.entity, KIND, self._interval_s, self._interval_s)
        reading = Reading(KIND, str(device.address), VANTAGE, from_ms(at_ms), 0.0, snmp=answers.at(now))
        return ingest.take(check, reading).samples

    def rhythm(self, device: SimDevice) -> tuple[int, int]:
        """Return interval and offset in milliseconds, by the scheduler's own plan."""
        key = Check(device.entity, KIND, self._interval_s, self._interval_s).key
        return round(self._interval_s * 1000), int(offset_s(key, self._interval_s) * 1000)


def context(world: World, entity: str) -> dict[str, str]:
    """Return the tags of the series of a device, as the inventory of the world gives them."""
    device = world.device[entity.removeprefix("device/")]
    region = world.place[device.site].region
    return {"device": device.id, "site": device.site, "region": region, "device_class": device.device_class}
