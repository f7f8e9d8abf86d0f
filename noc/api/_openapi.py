"""The OpenAPI 3.1 document, made from the endpoints and their models: nothing of it is written twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Final

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from noc import __version__
from noc.api._endpoint import ROOT, Download, Endpoint, Parameter
from noc.api._shapes import Shape

_REF = "#/components/schemas/{model}"


class Fault(Shape):
    """One thing that is wrong with a request."""

    pointer: str
    """Where: /query/limit, /path/id, /body/note."""
    detail: str


class Problem(Shape):
    """An error (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None


_ERRORS: Final = {
    "400": "The request is wrong, or a parameter names what there is not, or you may not see; `errors` says where.",
    "401": "Log in first.",
    "404": "There is nothing of the name in the path, or you may not see it.",
    "503": "What is asked can't be reached now; `Retry-After` says when to try again.",
}

_GUARDED: Final = {
    "412": "It has changed since the state that `If-Match` names; nothing was done.",
    "422": "The `Idempotency-Key` was used for another request within a day; nothing was done.",
}


def openapi(endpoints: Iterable[Endpoint]) -> dict[str, object]:
    """Return the document."""
    listed = list(endpoints)
    answers = [(model, "serialization") for model in _unique(endpoint.answer for endpoint in listed)]
    bodies = [(endpoint.body, "validation") for endpoint in listed if endpoint.body is not None]
    references, definitions = models_json_schema(
        [*answers, *dict.fromkeys(bodies), (Problem, "serialization")],  # type: ignore[list-item]  # modes are literals
        ref_template=_REF,
    )
    paths: dict[str, dict[str, object]] = {}
    for endpoint in listed:
        answer = references[(endpoint.answer, "serialization")]
        body = None if endpoint.body is None else references[(endpoint.body, "validation")]
        paths.setdefault(ROOT + endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, answer, body)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "noc", "version": __version__, "description": "docs/reference/api.md says more."},
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"bearer": []}],
    }
    plain: dict[str, object] = json.loads(json.dumps(document))
    return plain


def _unique(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    return list(dict.fromkeys(models))


def _operation(endpoint: Endpoint, answer: object, body: object) -> dict[str, object]:
    errors = {
        **_ERRORS,
        **({} if endpoint.conflict is None else {"409": endpoint.conflict}),
        **(_GUARDED if endpoint.guarded else {}),
    }
    operation: dict[str, object] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.noun],
        "responses": {
            "200": {"description": "The answer.", "content": _contents(endpoint, answer)},
            **{status: _problem(said) for status, said in errors.items()},
        },
    }
    if endpoint.all_parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in endpoint.all_parameters]
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _contents(endpoint: Endpoint, answer: object) -> dict[str, object]:
    if issubclass(endpoint.answer, Download):
        return {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    contents: dict[str, object] = {"application/json": {"schema": answer}}
    if endpoint.is_tabular:
        contents["text/csv"] = {"schema": {"type": "string"}}
    return contents


def _operation_id(endpoint: Endpoint) -> str:
    words = [word for word in re.split(r"[/{}]+", endpoint.path) if word]
    return "-".join([endpoint.method.lower(), *words])


def _problem(said: str) -> dict[str, object]:
    schema = {"$ref": _REF.format(model="Problem")}
    return {"description": said, "content": {"application/problem+json": {"schema": schema}}}


def _parameter(parameter: Parameter) -> dict[str, object]:
    name, said = parameter.name, parameter.description
    if parameter.open_ended:
        name = f"{parameter.name}ifName"
        said = f"{parameter.description} One of many: write the tag's name behind `{parameter.name}`."
    schema = {"type": "array", "items": dict(parameter.schema)} if parameter.repeated else dict(parameter.schema)
    return {
        "name": name,
        "in": parameter.place,
        "required": parameter.required,
        "description": said,
        "schema": schema,
    }
