"""A value with a tag that noc doesn't know: the tag alone is told."""

from __future__ import annotations

from .conftest import CLEAN, Checking


def test_of_a_value_with_a_wrong_tag_the_tag_alone_is_told(checking: Checking) -> None:
    text = "availability_target: !secrt 99.8\n"
    found = [one for one in checking.messages({"noc.yaml": CLEAN["noc.yaml"] + text}) if ": error: " in one]
    assert [one.partition(": error: ")[2] for one in found] == ["unknown tag '!secrt'; only !secret is known"]
