"""What stands under the fields of models, read only when somebody asks for the document.

Pydantic reads it whenever a model is made (`use_attribute_docstrings`), which took a quarter of the start of noc.
"""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from pydantic import BaseModel


def field_docs(model: type[BaseModel]) -> dict[str, str]:
    """Return the text under each field of a model and of those that it is made from, by the name of the field."""
    found: dict[str, str] = {}
    for kind in reversed(model.__mro__):
        made_from = getattr(kind, "__pydantic_generic_metadata__", {}).get("origin") or kind
        if issubclass(made_from, BaseModel) and made_from is not BaseModel:
            found |= _of_module(made_from.__module__).get(made_from.__name__, {})
    return found


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Return the texts of a module, by the name of the class and that of the field."""
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    return {node.name: dict(_texts(node)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    for field, text in pairwise(node.body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            match text:
                case ast.Expr(ast.Constant(str(said))):
                    yield field.target.id, inspect.cleandoc(said)
