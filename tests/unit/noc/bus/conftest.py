"""Made-up answers of agents."""

from __future__ import annotations

from hypothesis import strategies as st

from noc.model.reading import Raw, SnmpAnswer

WORD = st.text("abcdefgh", min_size=1, max_size=3)
RAW: st.SearchStrategy[Raw] = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=6),
    st.binary(max_size=6),
)
INDEX = st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4).map(tuple)
TABLE = st.dictionaries(INDEX, st.dictionaries(WORD, RAW, max_size=4), max_size=5)
ANSWER = st.builds(
    SnmpAnswer,
    profile=WORD,
    scalars=st.dictionaries(WORD, RAW, max_size=4),
    tables=st.dictionaries(WORD, TABLE, max_size=3),
    ages_s=st.dictionaries(WORD, st.integers(0, 10**12).map(lambda age_us: age_us / 1_000_000), max_size=2),
)
