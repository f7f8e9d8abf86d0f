"""What is wrong with YAML is told in plain words, at the place to look at, with what to write instead."""

from __future__ import annotations

import pytest

from noc.model.errors import InputError
from noc.settings.yamltext import parse

WRONG = {
    "a: [1, 2\nb: 3\n": (1, 4, "the [ here is not closed: a ']', or a comma, is missing before line 2"),
    "a: {b: 1\n": (1, 4, "the { here is not closed: a '}', or a comma, is missing before the end of the file"),
    "a: {b: 1 c: 2}\n": (1, 11, "a comma or a '}' is missing before this, or a text that holds ': '"),
    "a: [\n": (2, 1, "a value is missing before the end of the file; write it, and close the bracket"),
    "a: [1, 2]]\n": (1, 10, "this ] closes nothing; take it out"),
    "a: [1,, 2]\n": (1, 7, "a value is missing before ','; write it, or take the comma or bracket out"),
    "\ta: 1\n": (1, 1, "a tab stands here; YAML indents by blanks alone, so put blanks in its place"),
    "a:\n  b: 1\n\tc: 2\n": (3, 1, "a tab stands here"),
    "a: 'x\nb: 1\n": (1, 4, "the quote that opens here is not closed; put a ' behind the text"),
    "a: 'it's'\n": (1, 8, "put the whole value in quotes; a ' inside of '…' is written twice"),
    'a: "C:\\noc\\dir"\n': (1, 11, "in double quotes a \\ begins an escape; write \\\\ for a backslash"),
    "a: @x\n": (1, 4, "a value can't begin with @; put it in quotes"),
    "a: & x\n": (1, 5, "& and * at the beginning mean an anchor; put the value in quotes"),
    "a: !x!y z\n": (1, 4, "a ! at the beginning means a tag, of which !secret alone is known"),
    "a: ? b\n": (1, 4, "a ? at the beginning means a key; put the value in quotes"),
    "a: - b\n": (1, 4, "put each '- item' into a line of its own below, or write [item, item]"),
    "a: |x\n  b\n": (1, 5, "behind | or > nothing else may stand"),
    "a: b: c\n": (1, 5, "a text that holds ': ' must be in quotes"),
    "# x\n\na:b\n# y\nc: d\n": (
        3,
        1,
        "this line is no key with a value; write keys as `name: value`, with a blank behind",
    ),
    "a: 1\n  b: 2\n": (2, 4, "this line is indented below a key that has a value already"),
    "a:\n  b: 1\n c: 2\n": (
        3,
        2,
        "the indentation of this line fits nothing above it; what it may belong to begins in line 1",
    ),
    "a: 1\n- b\n": (2, 1, "a key is expected here, as in line 1, column 1"),
    "a:\n - 1\n b: 2\n": (3, 2, "a list item ('- …') is expected here, as in line 2, column 2"),
    "a: 1\ncredentials\n\nd: 1\n": (2, 1, "this key has no colon; write keys as `name: value`"),
    "a: {b: 1}\nword\n": (2, 1, "this key has no colon; write keys as `name: value`"),
    "{a: 1}\nb: 2\n": (2, 1, "what stands above is complete; a file holds one mapping of keys"),
    "x" * 1030 + ": 1\n": (1, 1031, "a key may have 1024 characters at most, and stands in one line"),
    "<<<<<<< HEAD\na: 1\n=======\n": (
        2,
        2,
        "a conflict of a version control system (<<<<<<<, >>>>>>>) is not resolved",
    ),
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_a_mistake_is_told_in_plain_words(text: str) -> None:
    line, column, said = WRONG[text]
    with pytest.raises(InputError) as caught:
        parse(text, "x.yaml")
    (finding,) = caught.value.findings
    assert (finding.line, finding.column) == (line, column), str(finding)
    assert finding.message.startswith("not valid YAML: ")
    assert said in finding.message
    parsers = ("flow", "scalar", "token", "block mapping", "expected node", "context")
    assert not any(word in finding.message for word in parsers)
