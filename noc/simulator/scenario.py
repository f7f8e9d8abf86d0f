"""Scenarios: kinds of faults as data. One YAML file each, in `noc/simulator/scenarios`; docs/extend/scenario.md.

A scenario says what it happens to, how often beside the others, how long it lasts, and what it does meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from noc.inventory.layers import DeviceClass
from noc.model.errors import InputError
from noc.model.finding import Finding
from noc.settings.schema import Duration, Settings, validate
from noc.settings.yamltext import read
from noc.simulator.moment import METRICS
from noc.simulator.places import SiteClass

SHIPPED: Final = Path(__file__).parent / "scenarios"

LONGEST: Final = timedelta(hours=12)

Scope = Literal["device", "site"]
"""The device that a scenario happens to, or all devices of its site."""


def _percent(value: object) -> float:
    match = re.fullmatch(r"([0-9]{1,3}(?:\.[0-9]+)?)%", value) if isinstance(value, str) else None
    if match is None or float(match[1]) > 100:
        raise ValueError(f"{value!r} is no part of the time; write 0% to 100%")
    return float(match[1]) / 100


def _known_metric(name: str) -> str:
    if name not in METRICS:
        raise ValueError(f"'{name}' is no metric of a simulated device; there are: {', '.join(METRICS)}")
    return name


Part = Annotated[float, BeforeValidator(_percent)]
"""A part of the time that the scenario lasts, `0%` to `100%`."""


class Where(Settings):
    """What it happens to: a device of these classes, or, where none is named, a site."""

    device: tuple[DeviceClass, ...] = ()
    """Classes of devices."""
    site: tuple[SiteClass, ...] = ()
    """Classes of sites; all, where none is named."""
    having: DeviceClass | None = None
    """Only sites that have such a device."""


class Change(Settings):
    """A metric that goes up or down meanwhile."""

    metric: Annotated[str, AfterValidator(_known_metric)]
    """Which one."""
    add: float
    """How much is added at most, in its unit."""
    shape: Literal["flat", "sag"] = "flat"
    """flat: all the time; sag: slowly there and back."""
    of: DeviceClass | None = None
    """Devices of the site of which class; default: the device itself."""


class Flap(Settings):
    """An interface that goes down and comes up again and again."""

    every: Duration
    """So long it is down, then so long up."""


class Effect(Settings):
    """One thing that a scenario does. Exactly one of cut, dark, battery, change, flap, push."""

    begins: Part = Field(default=0.0, alias="from")
    """When it begins."""
    ends: Part = Field(default=1.0, alias="to")
    """When it is over."""
    cut: Scope | None = None
    """Can't be reached, nor what is behind it; goes on running."""
    dark: Scope | None = None
    """Has no power; starts anew when it is over."""
    battery: bool | None = None
    """The power supplies of the site run on battery."""
    change: Change | None = None
    """A metric changes."""
    flap: Flap | None = None
    """An interface of the device goes down and up."""
    push: bool | None = None
    """Somebody gives the device a wrong configuration, which is put right in the end; routers with a command line."""

    @model_validator(mode="after")
    def _one_thing(self) -> Self:
        given = [self.cut, self.dark, self.battery, self.change, self.flap, self.push]
        if sum(value is not None for value in given) != 1:
            raise ValueError("an effect is one of cut, dark, battery, change, flap, push")
        if self.begins >= self.ends:
            raise ValueError("an effect ends after it begins: `to` must be more than `from`")
        return self


class Scenario(Settings):
    """A kind of fault."""

    title: str = Field(min_length=1)
    """What people call it."""
    on: Where
    """What it happens to."""
    often: float = Field(gt=0)
    """How often, beside the other scenarios."""
    lasts: tuple[Duration, Duration]
    """Shortest and longest."""
    effects: tuple[Effect, ...]
    """What it does meanwhile."""

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if not timedelta(0) < self.lasts[0] <= self.lasts[1] <= LONGEST:
            raise ValueError("lasts: write the shortest and the longest, 12h at most")
        if not self.effects:
            raise ValueError("effects: a scenario does something; write at least one effect")
        needs_device = any(
            "device" in (effect.cut, effect.dark)
            or effect.flap is not None
            or effect.push
            or (effect.change is not None and effect.change.of is None)
            for effect in self.effects
        )
        if needs_device and not self.on.device:
            raise ValueError("an effect on a device needs `on: {device: [...]}`")
        return self


def load_scenarios(folder: Path = SHIPPED) -> Mapping[str, Scenario]:
    """Return the scenarios of a folder by their files' names. Raises InputError with all that is wrong with them."""
    found: dict[str, Scenario] = {}
    findings: list[Finding] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            found[path.stem] = validate(Scenario, read(path))
        except InputError as error:
            findings += error.findings
    if not found and not findings:
        findings.append(Finding(str(folder), 0, 0, "error", "no scenarios here: expected *.yaml"))
    if findings:
        raise InputError(findings)
    return found
