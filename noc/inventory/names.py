"""The nearest known name, also among tens of thousands."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from noc.model.finding import did_you_mean

_FEW = 500


class Names:
    """Known names, asked for the one that a wrong name was meant to be.

    difflib takes a quarter of a second for one look into 20,000 names, and a broken inventory asks a thousand times.
    So many names are first sifted through an index of all names with one letter left out, made at the first question:
    what is left differs by one letter more, less, other or swapped with its neighbour.
    """

    def __init__(self, known: Collection[str]) -> None:
        self._known = known
        self._index: dict[str, list[str]] | None = None
        self._answers: dict[str, str] = {}

    def __contains__(self, name: str) -> bool:
        return name in self._known

    def hint(self, wrong: str) -> str:
        """Return ` (did you mean 'x'?)`, or an empty string when no known name is near."""
        if wrong not in self._answers:
            self._answers[wrong] = did_you_mean(wrong, self._candidates(wrong))
        return self._answers[wrong]

    def _candidates(self, wrong: str) -> Collection[str]:
        if len(self._known) <= _FEW or len(wrong) > 100:
            return self._known if len(self._known) <= _FEW else ()
        if self._index is None:
            self._index = {}
            for name in self._known:
                for key in _one_left_out(name):
                    self._index.setdefault(key, []).append(name)
        return sorted({name for key in _one_left_out(wrong) for name in self._index.get(key, ())})


def _one_left_out(name: str) -> Iterator[str]:
    yield name
    for position in range(len(name)):
        yield name[:position] + name[position + 1 :]
