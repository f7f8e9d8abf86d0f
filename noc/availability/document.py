"""The answer of a replay as plain data: JSON and CSV. Pure; seconds and percent are floats, rounded by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final, TypeAlias

from noc.availability.figures import Durations, Exact, Figures
from noc.availability.replay import Answer, EntityAnswer
from noc.availability.times import SECOND_MS, format_time

Number: TypeAlias = float | int | None

SUM_COLUMNS: Final = (
    *("availability_pct", "floor_pct", "ceiling_pct", "coverage_pct"),
    *("up_s", "down_s", "unreachable_s", "unknown_s", "planned_s"),
)
COLUMNS: Final = (*SUM_COLUMNS, "outages", "longest_outage_s", "mttr_s", "mtbf_s")


def document(answer: Answer) -> dict[str, object]:
    """Return the answer in the form that contracts call "replay answer"."""
    entities: dict[str, object] = {name: _entity(entity) for name, entity in answer.entities.items()}
    entities.update((name, sum_fields(durations)) for name, durations in answer.regions.items())
    return {
        "from": format_time(answer.period.start),
        "to": format_time(answer.period.end),
        "entities": entities,
        "network": sum_fields(answer.network),
    }


def rows(answer: Answer) -> Iterator[tuple[str, dict[str, Number]]]:
    """Yield each entity's name and figures, then the regions', then those of `network`."""
    for name, entity in answer.entities.items():
        yield name, entity_fields(entity.figures)
    for name, durations in answer.regions.items():
        yield name, sum_fields(durations)
    yield "network", sum_fields(answer.network)


def sum_fields(durations: Durations) -> dict[str, Number]:
    """Return SUM_COLUMNS of a region or of the network."""
    return {
        "availability_pct": _float(durations.availability_pct),
        "floor_pct": _float(durations.floor_pct),
        "ceiling_pct": _float(durations.ceiling_pct),
        "coverage_pct": _float(durations.coverage_pct),
        "up_s": _seconds(durations.up),
        "down_s": _seconds(durations.down),
        "unreachable_s": _seconds(durations.unreachable),
        "unknown_s": _seconds(durations.unknown),
        "planned_s": _seconds(durations.planned),
    }


def entity_fields(figures: Figures) -> dict[str, Number]:
    """Return COLUMNS of one entity."""
    return {
        **sum_fields(figures.durations),
        "outages": figures.outages,
        "longest_outage_s": _seconds(figures.longest_outage),
        "mttr_s": None if figures.mttr is None else _seconds(figures.mttr),
        "mtbf_s": None if figures.mtbf is None else _seconds(figures.mtbf),
    }


def _entity(entity: EntityAnswer) -> dict[str, object]:
    return {
        **entity_fields(entity.figures),
        "intervals": [
            {"from": format_time(start), "to": format_time(end), "state": state.value}
            for start, end, state in entity.intervals
        ],
    }


def _float(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _seconds(milliseconds: Exact) -> float:
    return float(Fraction(milliseconds) / SECOND_MS)
