"""The OpenAPI 3.1 document, made from the endpoints and their models: nothing of it is written twice."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from noc import __version__
from noc.api import _openapifixed as fixed
from noc.api._endpoint import ROOT, Download, Endpoint, Parameter
from noc.api._openapifixed import GUARDS, OF_BODIES, REFERENCE, SAME, WHENEVER, Problem, response_name
from noc.model.account import RIGHTS, ROLES, Right

DESCRIPTION = (
    "All that the pages of noc show, and what people do on them. Lists come in pages: give `next` as `cursor`. Errors "
    "are problem documents (RFC 9457). Times are ISO 8601 in UTC. What stands in a region that you may not see is as "
    "what isn't there."
)


def openapi(endpoints: Iterable[Endpoint], told: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return the document. told: what nouns are, a sentence each, by the first word of their paths."""
    listed = list(endpoints)
    answers = [(model, "serialization") for model in _unique(endpoint.answer for endpoint in listed)]
    bodies = [(endpoint.body, "validation") for endpoint in listed if endpoint.body is not None]
    references, definitions = models_json_schema(
        [*answers, *dict.fromkeys(bodies), (Problem, "serialization")],  # type: ignore[list-item]  # modes are literals
        ref_template=REFERENCE,
    )
    paths: dict[str, dict[str, object]] = {}
    for endpoint in listed:
        answer = references[(endpoint.answer, "serialization")]
        body = None if endpoint.body is None else references[(endpoint.body, "validation")]
        paths.setdefault(ROOT + endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint, answer, body)
    document = {
        "openapi": "3.1.0",
        "info": {"title": "noc", "version": __version__, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [_tag(noun, told or {}) for noun in dict.fromkeys(endpoint.noun for endpoint in listed)],
        "paths": {**paths, **fixed.paths(ROOT)},
        "components": {
            "schemas": definitions["$defs"],
            "responses": fixed.responses(),
            "securitySchemes": fixed.SECURITY,
        },
        "security": [{"bearer": []}, {"session": []}],
    }
    plain: dict[str, object] = json.loads(json.dumps(document))
    return plain


def _tag(noun: str, told: Mapping[str, str]) -> dict[str, str]:
    return {"name": noun, "description": told[noun]} if noun in told else {"name": noun}


def _unique(models: Iterable[type[BaseModel]]) -> list[type[BaseModel]]:
    return list(dict.fromkeys(models))


def _operation(endpoint: Endpoint, answer: object, body: object) -> dict[str, object]:
    operation: dict[str, object] = {
        "operationId": _operation_id(endpoint),
        "summary": endpoint.summary,
        "description": _takes(endpoint.right),
        "x-right": endpoint.right,
        "tags": [endpoint.noun],
        "responses": _responses(endpoint, answer),
    }
    if endpoint.all_parameters:
        operation["parameters"] = [_parameter(parameter) for parameter in endpoint.all_parameters]
    if body is not None and endpoint.body is not None:
        needed = any(one.is_required() for one in endpoint.body.model_fields.values())
        operation["requestBody"] = {"required": needed, "content": {"application/json": {"schema": body}}}
    return operation


def _takes(right: Right) -> str:
    roles = ", ".join(role for role in ROLES if right in RIGHTS[role])
    return f"Takes the right to {right}, which these roles have: {roles}."


def _responses(endpoint: Endpoint, answer: object) -> dict[str, object]:
    done: dict[str, object] = {"description": "The answer.", "content": _contents(endpoint, answer)}
    shared = [*WHENEVER]
    if endpoint.method == "GET":
        done["headers"] = fixed.etag()
    else:
        shared += [*OF_BODIES] if endpoint.body is not None else ["413"]
    names = {one.name for one in endpoint.parameters}
    shared += [status for status, header in GUARDS.items() if endpoint.guarded or header in names]
    return {
        "202" if endpoint.begins else "200": done,
        **({"304": _shared(SAME)} if endpoint.method == "GET" else {}),
        **({} if endpoint.conflict is None else {"409": fixed.problem(endpoint.conflict)}),
        **{status: _shared(response_name(status)) for status in shared},
    }


def _shared(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/responses/{name}"}


def _contents(endpoint: Endpoint, answer: object) -> dict[str, object]:
    if issubclass(endpoint.answer, Download):
        return {media: {"schema": {"type": "string", "format": "binary"}} for media in endpoint.media}
    contents: dict[str, object] = {"application/json": {"schema": answer}}
    if endpoint.is_tabular:
        contents["text/csv"] = {"schema": {"type": "string"}}
    return contents


def _operation_id(endpoint: Endpoint) -> str:
    words = [word for word in re.split(r"[/{}]+", endpoint.path) if word]
    return "-".join([endpoint.method.lower(), *words])


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
