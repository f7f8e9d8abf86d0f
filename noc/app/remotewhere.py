"""Who of the remote pollers asks what, and from where each looks."""

from __future__ import annotations

from noc.app.pollersettings import PollerGroup, PollersSettings
from noc.app.remoteplans import Plans
from noc.app.remotepollers import Registry
from noc.app.remotetaking import Taking
from noc.clock import Clock
from noc.model.instants import to_ms


class Where:
    """Answers what others of the daemon ask of pollers. settings: those of now."""

    def __init__(
        self, registry: Registry, plans: Plans, taking: Taking, clock: Clock, settings: PollersSettings
    ) -> None:
        self._registry = registry
        self._plans = plans
        self._taking = taking
        self._clock = clock
        self.settings = settings

    def look(self, key: str) -> bool:
        """Have a check run now by whoever asks its device or end point; False: nobody does."""
        asked = [self._plans.look(owner, key) for owner in self._owners(key.rpartition(":")[0])]
        return any(asked)

    def takes(self, entity: str) -> bool:
        """Return whether whoever is to ask an entity now goes by the plan of now."""
        return any(self._plans.is_gone_by(owner) for owner in self._owners(entity))

    def vantage(self, poller: str) -> str:
        """Return where a poller looks from, and how its times were put right; empty for one that isn't remote."""
        known, group = self._registry.of(poller), self._group(poller)
        if known is None:
            return ""
        vantage, note = "" if group is None else group.vantage, self._taking.note(known)
        return f"{vantage} ({note})".strip() if note else vantage

    def place(self, poller: str) -> str:
        """Return what the place of a remote poller is called in series; empty for one that isn't remote."""
        known, group = self._registry.of(poller), self._group(poller)
        if known is None:
            return ""
        return (group.vantage if group is not None else "") or known.row.group

    def place_of(self, entity: str, poller: str) -> str:
        """Return what series say of where a poller looks at a device from; empty where one place alone does."""
        return self.place(poller) if self.several(entity) else ""

    def group(self, poller: str) -> str:
        """Return with whom a poller shares its place; of one that isn't remote it is itself."""
        known = self._registry.of(poller)
        return poller if known is None else known.row.group

    def several(self, entity: str) -> bool:
        """Return whether a device or an end point is looked at from several places."""
        return self._taking.reach.several(entity)

    def _group(self, poller: str) -> PollerGroup | None:
        known = self._registry.of(poller)
        return None if known is None else self.settings.groups.get(known.row.group)

    def _owners(self, entity: str) -> set[str]:
        """Return the pollers that ask an entity now, one of each group that has it in its scope."""
        key, now_ms = entity.removeprefix("device/"), to_ms(self._clock.now())
        groups = [group for group, scope in self._taking.scopes.items() if key in scope]
        return {owner for group in groups if (owner := self._registry.owner(group, key, now_ms)) is not None}
