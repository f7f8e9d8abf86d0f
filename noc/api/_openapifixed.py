"""What the OpenAPI document has beside the endpoints: errors that any of them may answer, log-in, stream, itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from noc.api._shapes import Shape

REFERENCE: Final = "#/components/schemas/{model}"


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


WHENEVER: Final[Mapping[str, str]] = {
    "400": "The request is wrong, or a parameter names what there is not, or you may not see; `errors` says where.",
    "401": "Log in first, or the token is not known, or is over.",
    "403": "You lack the right that this takes, or another site sent it; `detail` says which.",
    "404": "There is nothing of the name in the path, or you may not see it.",
    "421": "noc doesn't know this host: set `http: base_url:`.",
    "429": "Too many wrong tokens, or too many requests with this one; `Retry-After` says when to try again.",
    "500": "A mistake of noc: its log tells more under the number that `detail` gives.",
    "503": "What is asked can't be reached now, or took too long; `Retry-After` may say when to try again.",
}
"""Of any request."""

OF_BODIES: Final[Mapping[str, str]] = {
    "413": "It is larger than `http: max_body:`.",
    "415": "It is no JSON by its Content-Type.",
}
OF_GUARDED: Final[Mapping[str, str]] = {
    "412": "It has changed since the state that `If-Match` names; nothing was done.",
    "422": "The `Idempotency-Key` was used for another request within a day; nothing was done.",
}

GUARDS: Final[Mapping[str, str]] = {"412": "If-Match", "422": "Idempotency-Key"}
"""By which header each comes."""

_HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    "401": {"WWW-Authenticate": "Bearer (RFC 6750)."},
    "429": {"Retry-After": "Seconds."},
    "503": {"Retry-After": "Seconds; may be missing."},
}
SAME: Final = "NotModified"


def response_name(status: str) -> str:
    """Return the name of the response that stands for a status."""
    return f"Status{status}"


def responses() -> dict[str, object]:
    """Return the answers that many endpoints share, by name."""
    shared = {**WHENEVER, **OF_BODIES, **OF_GUARDED}
    return {
        SAME: {"description": "Nothing changed since the ETag that `If-None-Match` names.", "headers": etag()},
        **{response_name(status): problem(said, _HEADERS.get(status, {})) for status, said in shared.items()},
    }


def problem(said: str, headers: Mapping[str, str] | None = None) -> dict[str, object]:
    """Return an answer that is a problem document. headers: what each is, by its name."""
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}}
    answer: dict[str, object] = {"description": said, "content": content}
    if headers:
        answer["headers"] = {name: _header(told) for name, told in headers.items()}
    return answer


def etag() -> dict[str, object]:
    """Return the headers of what may be asked for again."""
    return {"ETag": _header("Send it as `If-None-Match`, or `If-Match` of a change.")}


SECURITY: Final[Mapping[str, object]] = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A token of `noc token add`, or one that noc told."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "noc_PORT",
        "description": "A browser that has logged in. What changes something also takes an Origin of noc, or the "
        "header `X-CSRF-Token`.",
    },
}


def paths(root: str) -> dict[str, object]:
    """Return the addresses below the root of the API that are no endpoints."""
    text = {"type": "string"}
    stream = {
        "operationId": "get-stream",
        "summary": "What changes, as it does: server-sent events.",
        "description": "Each has `id`, `event` (the topic) and `data` (`at`, `key`, `data`). It begins with `hello`. "
        "After a break send the last `id`; `resync` says that some are lost: ask for everything anew.",
        "tags": ["stream"],
        "parameters": [
            {
                "name": "topics",
                "in": "query",
                "required": True,
                "description": "With commas between: incidents, statuses, device/ID.",
                "schema": text,
            },
            {
                "name": "Last-Event-ID",
                "in": "header",
                "required": False,
                "description": "The last `id` that came.",
                "schema": text,
            },
        ],
        "responses": {
            "200": {"description": "Events without end.", "content": {"text/event-stream": {"schema": text}}},
            **{status: {"$ref": f"#/components/responses/{response_name(status)}"} for status in WHENEVER},
        },
    }
    itself = {
        "operationId": "get-openapi.json",
        "summary": "This document.",
        "tags": ["openapi"],
        "security": [],
        "responses": {
            "200": {
                "description": "OpenAPI 3.1.",
                "headers": etag(),
                "content": {"application/json": {"schema": {"type": "object"}}},
            },
            "304": {"$ref": f"#/components/responses/{SAME}"},
            **{one: {"$ref": f"#/components/responses/{response_name(one)}"} for one in ("401", "421", "429", "500")},
        },
    }
    return {f"{root}/stream": {"get": stream}, f"{root}/openapi.json": {"get": itself}}


def _header(said: str) -> dict[str, object]:
    return {"description": said, "schema": {"type": "string"}}
