"""The store against a dictionary: whatever is written, cut, merged, closed and opened, both say the same."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from noc.model.samples import Samples
from noc.store.embedded import codec, cut, log, merge
from tests.unit.noc.store.embedded.rows import DAY_MS, LATER, NOW, names, opened, query, read, row, write

numbers = st.one_of(
    st.none(),
    st.integers(-(2**53), 2**53).map(float),
    st.integers(0, 5).map(float),
    st.integers(-999, 999).map(lambda number: number / 10),
    st.floats(allow_nan=False, allow_infinity=False),
    st.just(-0.0),
)
minutes = st.integers(-3, 12).map(lambda number: number * 30.0) | st.floats(0, 6000).map(lambda m: round(m, 4))
rows = st.builds(
    lambda minute, n, fields: row(minute, {"n": n} if n else {}, **fields),
    minutes,
    st.sampled_from(["", "a", "b"]),
    st.dictionaries(st.sampled_from(["v", "w", "x"]), numbers, min_size=1),
)
steps = st.lists(st.lists(rows, max_size=6) | st.sampled_from(["cut", "reopen", "piece", "days later"]), max_size=14)

Model = dict[tuple[str, str], dict[int, str]]


def learn(model: Model, samples: Samples) -> None:
    at = round(samples.time.timestamp() * 1000)
    (tags,), (values,) = samples.tags, samples.values
    for field, value in zip(samples.field_keys, values, strict=True):
        if value is not None:
            model.setdefault((tags[1] if len(tags) > 1 else "", field), {})[at] = value.hex()


@pytest.mark.parametrize("small", [False, True])
@given(steps=steps)
def test_it_says_what_a_dictionary_says(small: bool, steps: list[str | list[Samples]]) -> None:
    model: Model = {}
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        if small:  # so that few rows cross every border
            patch.setattr(cut, "CHUNK_ROWS", 2)
            patch.setattr(cut, "SLICE_CELLS", 2)
            patch.setattr(merge, "CHUNK_ROWS", 3)
            patch.setattr(merge, "SLICE_CELLS", 2)
            patch.setattr(codec, "GROUP_NUMBERS", 2)
            patch.setattr(log, "PART_BYTES", 300)
        folder = Path(name)
        with opened(folder) as store:
            engine = store
            for step in steps:
                if step == "cut":
                    while engine.tick(LATER) is not None:
                        pass
                elif step == "piece":
                    engine.tick(LATER)
                elif step == "days later":
                    for _ in range(5):
                        engine.tick(LATER + 5 * DAY_MS)
                elif step == "reopen":
                    engine.close()
                    engine = type(engine)(folder, engine.retention, engine._memory_bytes)
                    engine.open()
                elif not isinstance(step, str):
                    assert write(engine, step, NOW + 4 * DAY_MS) == ()  # none is far ahead of the clock
                    for samples in step:
                        learn(model, samples)
                found = {
                    (series.tags.get("n", ""), series.field): {
                        at: value.hex() for at, value in zip(series.times_ms, series.values, strict=True)
                    }
                    for series in read(engine, query("v", "w", "x"))
                }
                assert found == model
                there = names(engine, {"device": "d"})
                named = {(entry.tags.get("n", ""), field) for entry in there for field in entry.fields}
                assert named == model.keys()
            engine.close()
