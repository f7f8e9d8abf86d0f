"""Availability straight from its definitions, one millisecond after another: slow, and written to be read.

It shares nothing with the product. A world is plain data, times and durations in whole milliseconds:

    probe, entities[name]: interval, confirm_down, confirm_up, stale_after, skew (any of them), in_service, weight
    events: [(time, entity, ok)]; upstream, sites, regions: name to names
    maintenance: [{entity, from, to, entered?}]; end: int or None
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import groupby

BAD = ("down", "unreachable")


class ByDefinition:
    def __init__(self, world: dict, start: int, stop: int) -> None:
        self.world = world
        self.start, self.stop = start, stop
        self.times = range(-5, 120)  # everything in a world happens inside
        times = [time for time, _, _ in world["events"]]
        self.end = world["end"] if world["end"] is not None else max(times, default=start)
        self.state = cache(self.state)
        self.is_planned = cache(self.is_planned)

    # -- names

    def names(self) -> set[str]:
        world = self.world
        found = {entity for time, entity, _ in world["events"] if time <= self.end}
        for group in (world["upstream"], world["sites"], world["regions"]):
            for name, members in group.items():
                found |= {name, *members}
        return found | {window["entity"] for window in world["maintenance"]} | set(world["entities"])

    def of_kind(self, *kinds: str) -> list[str]:
        return sorted(name for name in self.names() if name.split("/")[0] in kinds)

    # -- policy

    def setting(self, entity: str, key: str) -> int:
        own, default = self.world["entities"].get(entity, {}), self.world["probe"]
        for source in (own, default):
            if key in source:
                return source[key]
            if key == "stale_after" and "interval" in source:
                return 3 * source["interval"]
            if key == "skew" and "interval" in source:
                return source["interval"]
        return {"confirm_down": 3, "confirm_up": 1}[key]

    def in_service(self, entity: str, time: int) -> bool:
        dates = self.world["entities"].get(entity, {}).get("in_service", [])
        return not dates or any(date.get("from", -99) <= time < date.get("to", 999) for date in dates)

    def is_planned(self, entity: str, time: int) -> bool:
        for window in self.world["maintenance"]:
            begins = max(window["from"], window.get("entered", window["from"]))
            if window["entity"] == entity and begins <= time < window["to"]:
                return True
        above = [site for site, devices in self.world["sites"].items() if entity in devices]
        above += [region for region, sites in self.world["regions"].items() if entity in sites]
        if entity.startswith("interface/"):
            above.append("device/" + entity.split("/")[1])
        return any(self.is_planned(name, time) for name in above)

    def counts(self, entity: str, time: int) -> bool:
        return self.in_service(entity, time) and not self.is_planned(entity, time)

    # -- states

    def state(self, entity: str) -> dict[int, str]:
        states = self.site(entity) if entity.startswith("site/") else self.raw(entity)
        upstream = [self.state(name) for name in self.world["upstream"].get(entity, [])]
        if upstream:
            elsewhere = {time for time in self.times if all(other[time] in BAD for other in upstream)}
            self.split(states, elsewhere, self.setting(entity, "skew"))
        return states

    def raw(self, entity: str) -> dict[int, str]:
        results = dict(sorted((t, ok) for t, name, ok in self.world["events"] if name == entity and t <= self.end))
        stale_after = self.setting(entity, "stale_after")
        return {time: self.raw_at(time, results, stale_after, entity) for time in self.times}

    def raw_at(self, time: int, results: dict[int, bool], stale_after: int, entity: str) -> str:
        if time >= self.end:
            return "unknown"
        # The results that hang together, each within stale_after of the one before, and hold the moment.
        together: list[list[int]] = []
        for moment in results:
            if together and moment - together[-1][-1] <= stale_after:
                together[-1].append(moment)
            else:
                together.append([moment])
        for moments in together:
            if moments[0] <= time < moments[-1] + stale_after:
                state = "unknown"
                for ok, run in groupby(moments, key=lambda moment: results[moment]):
                    run = list(run)
                    needed = self.setting(entity, "confirm_up" if ok else "confirm_down")
                    if len(run) >= needed and run[0] <= time:
                        state = "up" if ok else "down"
                return state
        return "unknown"

    def split(self, states: dict[int, str], elsewhere: set[int], skew: int) -> None:
        for state, group in groupby(self.times, key=states.get):
            times = list(group)
            if state != "down":
                continue
            for ordered in (times, times[::-1]):
                ahead = next((i for i, time in enumerate(ordered) if time in elsewhere), None)
                if ahead is not None and ahead <= skew:
                    for time in ordered[:ahead]:
                        states[time] = "unreachable"
            for time in times:
                if time in elsewhere:
                    states[time] = "unreachable"

    def site(self, site: str) -> dict[int, str]:
        states = {}
        for time in self.times:
            devices = [name for name in self.world["sites"].get(site, []) if self.in_service(name, time)]
            votes = {self.state(name)[time] for name in devices}
            if not votes:
                states[time] = "unknown"
            elif "up" in votes:
                states[time] = "up"
            elif "unknown" in votes:
                states[time] = "unknown"
            else:
                states[time] = "unreachable" if votes == {"unreachable"} else "down"
        return states

    # -- figures

    def durations(self, entity: str) -> dict[str, Fraction]:
        found = dict.fromkeys(("up", "down", "unreachable", "unknown", "planned"), Fraction(0))
        for time in range(self.start, self.stop):
            if self.counts(entity, time):
                found[self.state(entity)[time]] += 1
            elif self.in_service(entity, time):
                found["planned"] += 1
        return found

    def added(self, names: list[str]) -> dict:
        total = dict.fromkeys(("up", "down", "unreachable", "unknown", "planned"), Fraction(0))
        for name in set(names):
            weight = self.world["entities"].get(name, {}).get("weight", 1)
            for key, value in self.durations(name).items():
                total[key] += value * Fraction(str(weight))
        return self.ratios(total)

    def ratios(self, found: dict[str, Fraction]) -> dict:
        agreed = found["up"] + found["down"] + found["unreachable"] + found["unknown"]
        up = agreed - found["unknown"] - found["down"] - found["unreachable"]

        def ratio(above: Fraction, below: Fraction) -> float | None:
            return float(100 * above / below) if below else None

        return {
            "availability_pct": ratio(up, agreed - found["unknown"]),
            "floor_pct": ratio(up, agreed),
            "ceiling_pct": ratio(agreed - found["down"] - found["unreachable"], agreed),
            "coverage_pct": ratio(agreed - found["unknown"], agreed),
            **{f"{key}_s": float(value / 1000) for key, value in found.items()},
        }

    def outages(self, entity: str) -> dict:
        states = self.state(entity)
        lengths, whole = [], []
        for bad, group in groupby(self.times, key=lambda time: states[time] in BAD and self.counts(entity, time)):
            if not bad:
                continue
            times = list(group)
            inside = [time for time in times if self.start <= time < self.stop]
            if inside:
                lengths.append(len(inside))
            over = times[-1] + 1
            is_open = over == self.end and self.counts(entity, over)
            if not is_open and self.start < over <= self.stop:
                whole.append(len(times))
        up = self.durations(entity)["up"]
        return {
            "outages": len(lengths),
            "longest_outage_s": float(Fraction(max(lengths, default=0), 1000)),
            "mttr_s": float(Fraction(sum(whole), 1000 * len(whole))) if whole else None,
            "mtbf_s": float(up / 1000 / len(lengths)) if lengths else None,
        }

    def intervals(self, entity: str) -> list[tuple[int, int, str]]:
        found = []
        for state, group in groupby(range(self.start, self.stop), key=self.state(entity).get):
            times = list(group)
            found.append((times[0], times[-1] + 1, state))
        return found

    def answer(self) -> dict:
        entities = {
            name: {**self.ratios(self.durations(name)), **self.outages(name), "intervals": self.intervals(name)}
            for name in self.names()
            if not name.startswith("region/")
        }
        for region in self.of_kind("region"):
            entities[region] = self.added(self.world["regions"].get(region, []))
        members = self.of_kind("site") if self.world["sites"] else self.of_kind("device")
        return {"entities": entities, "network": self.added(members)}
