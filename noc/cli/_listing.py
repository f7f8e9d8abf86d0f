"""What a command is for, read from its file without importing it: `noc --help` needs no database and no web server."""

from __future__ import annotations

import ast
from importlib import resources
from typing import NamedTuple

COMMAND = "command"
APP = "app"


class Listed(NamedTuple):
    """A command. purpose: what its file says of it, "" for nothing. is_group: it has commands of its own."""

    purpose: str
    is_group: bool


def listed(package: str, name: str) -> Listed:
    """Return what stands in the file of a command.

    Its purpose is the docstring of `command`, the `help` of `app = typer.Typer(…)`, or the docstring of its callback.
    """
    text = resources.files(package).joinpath(f"{name}.py").read_text(encoding="utf-8")
    body = ast.parse(text).body
    purposes = [purpose for node in body for purpose in (_function(node), _app(node)) if purpose]
    is_group = not any(isinstance(node, ast.FunctionDef) and node.name == COMMAND for node in body)
    return Listed(purposes[0] if purposes else "", is_group)


def _function(node: ast.stmt) -> str | None:
    """Return the docstring of `command`, or of the function below `@app.callback()`."""
    if isinstance(node, ast.FunctionDef):
        decorators = {ast.unparse(decorator) for decorator in node.decorator_list}
        if node.name == COMMAND or f"{APP}.callback()" in decorators:
            return ast.get_docstring(node)
    return None


def _app(node: ast.stmt) -> str | None:
    """Return the `help` of the Typer that is assigned to `app`."""
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == APP and isinstance(node.value, ast.Call):
        for keyword in node.value.keywords:
            if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                return str(keyword.value.value)
    return None
