"""A ServiceSwitch: a service is served from another place than before."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ServiceSwitch:
    """From `since_ms` on (milliseconds of the Unix epoch, UTC) a service is served from the site `after`.

    entity: the service. before: the site until then, None where none was known. poller: who saw it. evidence: entities
    with what each of them said: the answer that marks the place, or the statuses that the formulas of places stand on.
    """

    entity: str
    before: str | None
    after: str
    since_ms: int
    poller: str
    evidence: tuple[tuple[str, str], ...] = ()
