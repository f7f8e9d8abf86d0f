"""What answers are made of: frozen models, times as text in UTC, lists with a cursor."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from noc.api._fielddocs import field_docs
from noc.availability.times import format_time, parse
from noc.model.present import Present, Word

Item = TypeVar("Item")


class Shape(BaseModel):
    """The base of all answers and bodies."""

    model_config = ConfigDict(
        defer_build=True,  # most of them are asked for never, or late
        extra="forbid",
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Return the schema, each field with what stands under it."""
        described = handler(schema)
        properties = handler.resolve_ref_schema(described).get("properties", {})
        texts = field_docs(cls)
        for name, field in cls.model_fields.items():
            shown = properties.get(field.alias or name)
            if shown is not None and name in texts:
                shown.setdefault("description", texts[name])
        return described


def _moment(value: object) -> object:
    return parse(value) if isinstance(value, str) else value


Moment = Annotated[
    int,
    BeforeValidator(_moment),
    PlainSerializer(format_time, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-03-01T00:00:10Z"]}),
]
"""A time: milliseconds of the Unix epoch inside, ISO 8601 in UTC outside."""


Number = Annotated[int, Field(ge=1, lt=10**15)]
"""The number of an incident, a record, …: as large as a database takes it."""


class Listing(Shape, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None
    """Give it as `cursor` for the next page; null: this was the last."""


class Status(Shape):
    """What is known of an entity now."""

    status: Word
    """unreachable: everything on the way to it is down."""
    since: Moment | None
    """Since when; null where it was never seen."""
    seen: Moment | None
    """When its last result came."""


def status_of(present: Present, entity: str) -> Status:
    """Return what is known of an entity now."""
    now = present.status(entity)
    return Status(status=now.status, since=now.since_ms, seen=now.seen_ms)
