"""How grave an incident is, and by when it is answered and restored: a part of the settings below `alerts:`."""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from noc.model.incident import Severity
from noc.settings.schema import Duration, Settings

Level = Literal[1, 2, 3]
"""1 high, 2 medium, 3 low."""

LEVELS: Final = 3
PRIORITIES: Final = 5
URGENCIES: Final = MappingProxyType({"critical": 1, "major": 2, "minor": 3, "warning": 4})

Priority = Annotated[int, Field(ge=1, le=PRIORITIES)]


class Reach(Settings):
    """How much must be affected, any one of it."""

    sites: Annotated[int, Field(ge=1)] = 1
    """Sites that are cut off."""
    people: Annotated[int, Field(ge=1)] = 50
    """People at the sites that are cut off, by `people` of the inventory."""
    services: Annotated[int, Field(ge=1)] = 1
    """Services that are down with it."""


class Impact(Settings):
    """From when on much is affected."""

    high: Reach = Reach(sites=10, people=1000, services=2)
    """The impact is high, 1, where one of these is reached."""
    medium: Reach = Reach()
    """The impact is medium, 2, where one of these is reached; else it is low, 3."""


Row = Annotated[tuple[Priority, ...], Field(min_length=LEVELS, max_length=LEVELS)]


class Matrix(Settings):
    """The priority of an incident, for high, medium and low impact, by the severity of its rule."""

    critical: Row = (1, 1, 2)
    """Of critical rules."""
    major: Row = (1, 2, 3)
    """Of major rules."""
    minor: Row = (2, 3, 4)
    """Of minor rules."""
    warning: Row = (3, 4, 4)
    """Of rules that warn."""

    def priority(self, severity: Severity, impact: int) -> int:
        """Return the priority. impact: 1 to 3."""
        rows: dict[Severity, tuple[int, ...]] = {
            "critical": self.critical,
            "major": self.major,
            "minor": self.minor,
            "warning": self.warning,
        }
        return rows[severity][impact - 1]


class Target(Settings):
    """By when an incident of a priority is answered and restored, from its opening."""

    respond: Duration
    """By then somebody owns it."""
    restore: Duration
    """By then it is resolved."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.restore < self.respond:
            raise ValueError("restore comes before respond; nothing is restored before somebody looks at it")
        return self


class Targets(Settings):
    """The targets of each priority. Those that aren't written hold as they are by default."""

    p1: Target = Target(respond=timedelta(minutes=15), restore=timedelta(hours=4))
    """Of priority 1."""
    p2: Target = Target(respond=timedelta(minutes=30), restore=timedelta(hours=8))
    """Of priority 2."""
    p3: Target = Target(respond=timedelta(hours=2), restore=timedelta(days=1))
    """Of priority 3."""
    p4: Target = Target(respond=timedelta(hours=8), restore=timedelta(days=5))
    """Of priority 4."""
    p5: Target = Target(respond=timedelta(days=1), restore=timedelta(days=10))
    """Of priority 5, where your matrix has it."""

    def of(self, priority: int) -> Target:
        """Return the targets of a priority, 1 to 5."""
        return (self.p1, self.p2, self.p3, self.p4, self.p5)[priority - 1]


class DiagnosticSettings(Settings):
    """What devices are asked by SSH when an incident opens: commands that change nothing."""

    enabled: bool = True
    """Whether they are asked. Where noc has no ssh credentials, nobody is."""
    timeout: Duration = timedelta(seconds=45)
    """How long one log-in may take."""
    hourly: Annotated[int, Field(ge=1, le=10_000)] = 120
    """Commands in an hour at most; what opens beyond that is not asked about."""


class LifeSettings(Settings):
    """How incidents live."""

    impact: Impact = Impact()
    """How much must be affected for a high or medium impact."""
    matrix: Matrix = Matrix()
    """The priority by severity and impact: three numbers each, for high, medium and low impact."""
    target_times: Targets = Field(default=Targets(), alias="targets")
    """By when incidents are answered and restored, by priority."""
    diagnostics: DiagnosticSettings = DiagnosticSettings()
    """What devices are asked when an incident opens."""
    close_after: Duration = timedelta(days=7)
    """How long after its end an incident is closed: until then it can be reopened."""
    reopen_within: Duration = timedelta(minutes=15)
    """An incident that ended by itself is reopened, and no other one opened, where the same comes back so soon."""


DEFAULTS: Final = LifeSettings()
