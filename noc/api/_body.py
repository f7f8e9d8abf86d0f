"""The body of a POST: JSON, checked by its model. What is wrong is said with the field's name and what is valid."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from noc.http.problems import Fault, ProblemError
from noc.model.finding import did_you_mean
from noc.settings.words import message, shown

Model = TypeVar("Model", bound=BaseModel)


async def body(request: web.Request, model: type[Model]) -> Model:
    """Return the body as its model; what isn't there is `{}`.

    Raises ProblemError: 415 where it is no JSON by its type, 400 where it is wrong.
    """
    sent = await request.read()
    if sent and request.content_type != "application/json":
        raise ProblemError(415, "send JSON, with Content-Type: application/json")
    try:
        return model.model_validate_json(sent or b"{}")
    except ValidationError as error:
        faults = [
            Fault("/".join(["/body", *map(str, detail["loc"])]), _said(detail, model))
            for detail in error.errors(include_url=False)
        ]
        said = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
        raise ProblemError(400, said, faults) from error


def _said(detail: ErrorDetails, model: type[BaseModel]) -> str:
    """Return what is wrong with one value, and what is valid there."""
    kind, value, names = detail["type"], detail["input"], list(model.model_fields)
    name = str(detail["loc"][0]) if detail["loc"] else ""
    if not name:
        wrong = f"is no JSON: {detail['ctx']['error']}" if kind == "json_invalid" else _no_object(value)
        written = ", ".join(f'"{one}": "…"' for one in names)
        return f"{wrong}; send an object with {', '.join(names)}, such as {{{written}}}"
    if kind == "extra_forbidden":
        return f"unknown field{did_you_mean(name, names)}; known here: {', '.join(names)}"
    return _wrong(detail) + _valid(model, name)


def _wrong(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind == "missing":
        return "is missing"
    if isinstance(value, str) and kind in ("too_short", "string_too_short"):
        return "is empty"
    if isinstance(value, str) and kind in ("too_long", "string_too_long"):
        return f"has {len(value)} characters"
    return message(detail)


def _no_object(value: object) -> str:
    return f"must be an object, not {shown(value)}"


def _valid(model: type[BaseModel], name: str) -> str:
    """Return what a field of text takes, by the schema that OpenAPI shows; of others `message` tells it."""
    schema = model.model_json_schema()["properties"][name]
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    if most is None:
        return ""
    return (
        f"; it must be text of {least} to {most} characters"
        if least
        else f"; it must be text of up to {most} characters"
    )
