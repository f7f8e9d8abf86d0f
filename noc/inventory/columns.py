"""Cells of a table to the plain data that a model takes, as if it had been written in YAML.

A column is a property by its name; a dot leads into a mapping (`a.device`); lists are separated by blanks.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Union

from pydantic import BaseModel

from noc.inventory.csvtext import Table
from noc.settings.yamltext import Data, core_scalar

CellType = Literal["text", "number", "truth", "list"]


def columns_of(model: type[BaseModel]) -> dict[str, CellType]:
    """Return the columns that a model's table may have, and what their cells hold."""
    found: dict[str, CellType] = {}
    for name, field in model.model_fields.items():
        column, kind = field.alias or name, _bare(field.annotation)
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            found.update({f"{column}.{inner}": cell_type for inner, cell_type in columns_of(kind).items()})
        else:
            found[column] = _cell_type(kind)
    return found


def row_data(table: Table, number: int, columns: Mapping[str, CellType]) -> dict[str, Data]:
    """Return the properties that a row gives. Empty cells and unknown columns are not given."""
    data: dict[str, Data] = {}
    for column, text in zip(table.columns, table.rows[number].texts, strict=True):
        if text and column in columns:
            *outer, last = column.split(".")
            inner = data
            for step in outer:
                inner = typing.cast("dict[str, Data]", inner.setdefault(step, {}))
            inner[last] = _cell(text, columns[column])
    return data


def _cell(text: str, cell_type: CellType) -> Data:
    if cell_type == "list":
        return list(text.split())
    if cell_type == "truth":
        return {"true": True, "false": False}.get(text, text)
    if cell_type == "number":
        number = core_scalar(text)
        return number if isinstance(number, int | float) and not isinstance(number, bool) else text
    return text


def _cell_type(kind: Any) -> CellType:  # noqa: ANN401 a type annotation is any object
    if typing.get_origin(kind) is tuple:
        return "list"
    if kind is bool:
        return "truth"
    return "number" if kind in (int, float) else "text"


def _bare(annotation: Any) -> Any:  # noqa: ANN401 a type annotation is any object
    """Return a type without Annotated and `| None`."""
    origin = typing.get_origin(annotation)
    if origin is Annotated:
        return _bare(typing.get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        others = [inner for inner in typing.get_args(annotation) if inner is not type(None)]
        return _bare(others[0]) if len(others) == 1 else annotation
    return annotation
