"""The body of a POST: JSON, checked by its model."""

from __future__ import annotations

from typing import TypeVar

from aiohttp import web
from pydantic import BaseModel, ValidationError

from noc.http.problems import Fault, ProblemError

Model = TypeVar("Model", bound=BaseModel)


async def body(request: web.Request, model: type[Model]) -> Model:
    """Return the body as its model. Raises ProblemError: 415 where it is no JSON by its type, 400 where it is wrong."""
    if request.content_type != "application/json":
        raise ProblemError(415, "send JSON, with Content-Type: application/json")
    try:
        return model.model_validate_json(await request.read() or b"{}")
    except ValidationError as error:
        faults = [
            Fault("/".join(["/body", *map(str, detail["loc"])]), detail["msg"])
            for detail in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        said = "; ".join(f"{fault.pointer}: {fault.detail}" for fault in faults[:3])
        raise ProblemError(400, said, faults) from error
