"""What every page is made with."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from noc.web import pages
from noc.web.pages import joined

FRAME = {"now": 1, "who": "amina", "say": str}
VIEWS = sorted((Path(pages.__file__).parent / "views").glob("*.py"))


def test_a_view_adds_its_values_to_the_frame() -> None:
    assert joined(FRAME, {"page": 3}) == {**FRAME, "page": 3}


def test_a_view_that_hides_names_of_the_frame_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="hides names of the frame: now, who;"):
        joined(FRAME, {"who": "somebody else", "now": 0, "page": 3})


@cache
def names_of_the_frame() -> frozenset[str]:
    """Return the names that are written in `WebPages._frame`, `_said` and `_navigation`."""
    tree = ast.parse(Path(pages.__file__).read_text())
    made = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and one.name in ("_frame", "_said", "_navigation")
    ]
    keys = [key for one in made for node in ast.walk(one) if isinstance(node, ast.Dict) for key in node.keys]
    return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))


@pytest.mark.parametrize("path", VIEWS, ids=[path.stem for path in VIEWS])
def test_no_view_hides_a_name_of_the_frame(path: Path) -> None:
    taken = names_of_the_frame()
    assert {"who", "now", "lang", "bar"} <= taken
    for call in ast.walk(ast.parse(path.read_text())):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "show":
            named = {keyword.arg for keyword in call.keywords} - {"topics"}
            assert not named & taken, f"{path.name}:{call.lineno}"
