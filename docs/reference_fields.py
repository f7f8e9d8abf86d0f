"""What is written below the fields of models, from the source: if they carried it, every start would pay for it."""  # noqa: INP001 a script's part, no package

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from textwrap import dedent

from pydantic import BaseModel


def written_below(model: type[BaseModel], field: str) -> str:
    """Return the text below a field, on one line; empty where there is none. The nearest class that has one says it."""
    classes = [one for one in model.__mro__ if issubclass(one, BaseModel) and one is not BaseModel]
    return next((texts[field] for one in classes if field in (texts := _texts(one))), "")


@cache
def _texts(model: type[BaseModel]) -> dict[str, str]:
    tree = ast.parse(dedent(inspect.getsource(model)))
    found = dict[str, str]()
    [body] = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    for one, below in pairwise(body):
        said = below.value.value if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant) else None
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name) and isinstance(said, str):
            found[one.target.id] = " ".join(inspect.cleandoc(said).split())
    return found
