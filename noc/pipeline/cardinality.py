"""A bound on series: a store is filled by numbers, and broken by names that never end. Pure.

A device that renumbers its interfaces at every start, or puts a counter into a name, makes new series for ever;
InfluxDB keeps an index of all of them in memory. So each measurement may have so many series within a month; rows of
further ones are left out, counted, and told with the tag that has the most values. What is known goes on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from noc.model.samples import Samples

GENERATION_MS: Final = 15 * 86_400_000
"""A series counts while it had a number in this generation or the one before: 15 to 30 days."""

TOLD_EVERY_MS: Final = 3_600_000
VALUES_AT_MOST: Final = 10_000
"""Of a tag that are told apart, to find the one that has the most."""

SHOWN: Final = 60


@dataclass(slots=True)
class _Measurement:
    """known, before: series of this generation and of the last. varying: values of tags of those that were left out."""

    known: set[int] = field(default_factory=set)
    before: set[int] = field(default_factory=set)
    varying: dict[str, set[str]] = field(default_factory=dict)
    refused: int = 0
    told_ms: int | None = None
    has_news: bool = False

    def __contains__(self, series: int) -> bool:
        return series in self.known or series in self.before

    def room(self, at_most: int) -> int:
        """Return how many more series there may be."""
        if len(self.known) + len(self.before) <= at_most:  # most of both are the same; a union is dear
            return at_most - len(self.known) - len(self.before)
        return at_most - len(self.known | self.before)


class Cardinality:
    """Lets rows through, of so many series for each measurement."""

    def __init__(self, at_most: int) -> None:
        self._at_most = at_most
        self._measurements: dict[str, _Measurement] = {}
        self._began_ms: int | None = None

    @property
    def refused(self) -> Counter[str]:
        """Return how many numbers were left out, by measurement."""
        return Counter({name: own.refused for name, own in self._measurements.items() if own.refused})

    def kept(self, samples: Iterable[Samples], now_ms: int) -> Iterator[Samples]:
        """Yield samples without the rows of series that are too many."""
        self._turn(now_ms)
        for entry in samples:
            own = self._measurements.setdefault(entry.measurement, _Measurement())
            series = [hash((entry.tag_keys, row)) for row in entry.tags]
            if own.known.issuperset(series):  # as good as always
                yield entry
                continue
            fresh = {one for one in series if one not in own}
            if not fresh or len(fresh) <= own.room(self._at_most):
                own.known.update(series)
                yield entry
            else:
                yield from self._some(own, entry, series)

    def _some(self, own: _Measurement, entry: Samples, series: Sequence[int]) -> Iterator[Samples]:
        room = own.room(self._at_most)
        taken = []
        for number, one in enumerate(series):
            if one not in own:
                if room <= 0:
                    own.refused += sum(value is not None for value in entry.values[number])
                    own.has_news = True
                    _learn(own.varying, entry.tag_keys, entry.tags[number])
                    continue
                room -= 1
            own.known.add(one)
            taken.append(number)
        if taken:
            tags, values = tuple(entry.tags[n] for n in taken), tuple(entry.values[n] for n in taken)
            yield replace(entry, tags=tags, values=values)

    def _turn(self, now_ms: int) -> None:
        if self._began_ms is None:
            self._began_ms = now_ms
        elif now_ms - self._began_ms >= GENERATION_MS:
            self._began_ms = now_ms
            for own in self._measurements.values():
                own.before, own.known = own.known, set()
                own.varying.clear()

    def news(self, now_ms: int) -> list[str]:
        """Return what people must know: a sentence for each measurement that is full, once an hour."""
        sentences = []
        for name, own in self._measurements.items():
            if own.has_news and (own.told_ms is None or now_ms - own.told_ms >= TOLD_EVERY_MS):
                own.told_ms, own.has_news = now_ms, False
                sentences.append(_sentence(name, own, self._at_most))
        return sentences


def _learn(varying: dict[str, set[str]], keys: Sequence[str], row: Sequence[str]) -> None:
    for key, value in zip(keys, row, strict=True):
        values = varying.setdefault(key, set())
        if len(values) < VALUES_AT_MOST:
            values.add(value[:SHOWN])


def _sentence(name: str, own: _Measurement, at_most: int) -> str:
    text = f"{name}: has {at_most:,} series, and further ones are left out, {own.refused:,} numbers so far"
    if not own.varying:
        return text
    tag, values = max(own.varying.items(), key=lambda item: len(item[1]))
    some = ", ".join(repr(value) for value in sorted(values)[:3])
    return f"{text}; tag '{tag}' differs most among them ({some}): see what makes them, or raise spool.series_at_most"
