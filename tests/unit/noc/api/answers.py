"""Asks the API and holds each answer to the model that OpenAPI shows of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from noc.api._endpoint import ROOT, Endpoint
from noc.api.routes import endpoints
from tests.unit.noc.http.house import House


def described(house: House, method: str, path: str) -> Endpoint:
    """Return the endpoint that a request meets."""
    parts = path.partition("?")[0].split("/")[1:]
    fits = []
    for endpoint in endpoints(house.server._sources):
        pattern = endpoint.path.split("/")[1:]
        if endpoint.method != method or len(pattern) != len(parts):
            continue
        if all(want.startswith("{") or want == got for want, got in zip(pattern, parts, strict=True)):
            fits.append((sum(want.startswith("{") for want in pattern), endpoint))
    return min(fits, key=lambda fit: fit[0])[1]


async def get(house: House, path: str, **more: object) -> Any:  # noqa: ANN401 JSON
    """Ask, and return the answer, which is valid by its model and says the same after a round trip."""
    return await ask(house, "GET", path, **more)


async def ask(house: House, method: str, path: str, **more: object) -> Any:  # noqa: ANN401 JSON
    answer = await house.asks(ROOT + path, method=method, **more)  # type: ignore[arg-type]
    model = described(house, method, path).answer
    assert model.model_validate(answer).model_dump(mode="json", by_alias=True) == answer
    return answer


async def refused(house: House, path: str, pointer: str) -> str:
    """Ask what must be refused as wrong in one place, and return what is said of it."""
    answer: Any = await house.asks(ROOT + path, status=400)
    (fault,) = answer["errors"]
    assert fault["pointer"] == pointer
    return str(fault["detail"])


async def whole(house: House, path: str, limit: int, **more: object) -> list[Any]:
    """Return all items of a list, page by page."""
    found: list[Any] = []
    joint = "&" if "?" in path else "?"
    cursor = ""
    for _ in range(1_000):
        page = await get(house, f"{path}{joint}limit={limit}{cursor}", **more)
        assert len(page["items"]) <= limit
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = f"&cursor={quote(page['next'])}"
    raise AssertionError(f"{path} has no end")
