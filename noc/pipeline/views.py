"""Views: one result of liveness from those of several vantage points. Pure but for its memory.

Where pollers of several groups watch an entity, each sees it by a way of its own, and what they see may differ. In each
round, when all that look have looked, or one of them looks again, one result is made of what they saw last: it alone
is evidence. What each saw stays in its own series. How many must see it down, the inventory says (`down_when`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from noc.inventory.layers import DownWhen
from noc.model.transition import Transition
from noc.pipeline.status import Result, Statuses


@dataclass(slots=True)
class _View:
    """The last word of a vantage point. fresh: it came since the last result was made."""

    time_ms: int
    ok: bool
    fresh: bool = True


@dataclass(slots=True)
class _Seen:
    views: dict[str, _View] = field(default_factory=dict)
    made_ms: int = -1


class Views:
    """Makes results. vantage_of: from where a poller looks; those of one place stand in for each other.

    rule_of: what holds for an entity, and for how many milliseconds a result of it speaks; None: it isn't judged.
    upstream_is_up: whether what an entity hangs on is seen up.
    """

    def __init__(
        self,
        vantage_of: Callable[[str], str],
        rule_of: Callable[[str], tuple[DownWhen, int] | None],
        upstream_is_up: Callable[[str], bool] = lambda _: False,
    ) -> None:
        self._vantage_of = vantage_of
        self._rule_of = rule_of
        self._upstream_is_up = upstream_is_up
        self._last: dict[str, tuple[str, int, bool]] = {}
        self._seen: dict[str, _Seen] = {}

    def take(self, result: Result) -> Result | None:
        """Take what one poller saw; return what is evidence, None where a round is not over.

        Of an entity that one vantage point alone looks at it is the result itself.
        """
        vantage, rule = self._vantage_of(result.poller), self._rule_of(result.entity)
        if rule is None:
            return result
        down_when, speaks_ms = rule
        seen = self._seen_by_several(result, vantage, speaks_ms)
        if seen is None:
            return result
        known = seen.views.get(vantage)
        if known is not None and result.time_ms <= known.time_ms:
            return None  # late: it is in its series
        made = None
        if known is not None and known.fresh:  # the round before is over, though not all have looked
            made = self._made(result, seen, down_when)
        # A third that joins later belongs to the round that is just over: else its word would always come too late.
        joins = known is None and len(seen.views) > 1
        seen.views[vantage] = _View(result.time_ms, result.ok, fresh=not joins)
        now_ms = max(view.time_ms for view in seen.views.values())
        seen.views = {name: view for name, view in seen.views.items() if view.time_ms >= now_ms - speaks_ms}
        if made is None and all(view.fresh for view in seen.views.values()):
            made = self._made(result, seen, down_when)
        return made

    def judge(self, result: Result, statuses: Statuses) -> tuple[Transition, ...]:
        """Take what one poller saw; return the changes that it makes certain, with what each place saw as `vantage`."""
        made = self.take(result)
        changes = () if made is None else tuple(statuses.take(made))
        seen = self.views_of(result.entity) if changes else {}
        if not seen:
            return changes
        said = ", ".join(f"{name}: {'ok' if ok else 'failed'}" for name, (_, ok) in sorted(seen.items()))
        return tuple(replace(change, vantage=said) for change in changes)

    def is_late(self, entity: str, poller: str, time_ms: int) -> bool:
        """Return whether the place of a poller has said something later of an entity: a slow place is not late by what
        a quick one said.
        """
        vantage, seen, last = self._vantage_of(poller), self._seen.get(entity), self._last.get(entity)
        if seen is not None:
            known = seen.views.get(vantage)
            return known is not None and time_ms <= known.time_ms
        return last is not None and last[0] == vantage and time_ms <= last[1]

    def forget(self, entity: str) -> None:
        """Drop what is remembered of an entity."""
        self._last.pop(entity, None)
        self._seen.pop(entity, None)

    def views_of(self, entity: str) -> dict[str, tuple[int, bool]]:
        """Return what each vantage point saw last, (time in ms, ok); of an entity with one: nothing."""
        seen = self._seen.get(entity)
        return {} if seen is None else {name: (view.time_ms, view.ok) for name, view in seen.views.items()}

    def _seen_by_several(self, result: Result, vantage: str, speaks_ms: int) -> _Seen | None:
        """Return what is known where several look; None while one vantage point is alone with an entity."""
        entity = result.entity
        seen = self._seen.get(entity)
        if seen is None:
            last = self._last.get(entity)
            if last is None or last[0] == vantage or last[1] < result.time_ms - speaks_ms:
                if last is None or result.time_ms >= last[1]:
                    self._last[entity] = (vantage, result.time_ms, result.ok)
                return None
            # What it saw alone was evidence already; it belongs to the round that whoever joins now completes.
            seen = self._seen[entity] = _Seen({last[0]: _View(last[1], last[2])}, last[1])
        elif all(name == vantage or view.time_ms < result.time_ms - speaks_ms for name, view in seen.views.items()):
            del self._seen[entity]  # the others are gone
            self._last[entity] = (vantage, result.time_ms, result.ok)
            return None
        return seen

    def _made(self, result: Result, seen: _Seen, down_when: DownWhen) -> Result | None:
        """End a round; return what comes of it."""
        now_ms = max(view.time_ms for view in seen.views.values())
        for view in seen.views.values():
            view.fresh = False
        if now_ms <= seen.made_ms:
            return None
        seen.made_ms = now_ms
        ok = not self._is_down(result.entity, [view.ok for view in seen.views.values()], down_when)
        return Result(result.entity, now_ms, ok, result.check, "+".join(sorted(seen.views)))

    def _is_down(self, entity: str, views: list[bool], down_when: DownWhen) -> bool:
        failing = views.count(False)
        if down_when == "quorum":
            return 2 * failing > len(views)
        if down_when == "testimony":
            return failing == len(views) or (failing > 0 and self._upstream_is_up(entity))
        return failing == len(views) if down_when == "all" else failing > 0
