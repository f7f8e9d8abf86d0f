"""The command that a device is asked by SSH, as people write it."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainSerializer, PlainValidator, ValidationInfo

from noc.model.command import Command, Platform
from noc.settings.schema import Settings


def parse_command(value: object, info: ValidationInfo) -> object:
    """Return the command that a text means on the platform written before it. Raises ValueError."""
    platform = info.data.get("platform")
    if isinstance(value, Command) or platform is None:  # a platform that is wrong is told already
        return value
    if not isinstance(value, str):
        raise ValueError("must be text, one command")  # noqa: TRY004 pydantic makes findings of ValueError
    return Command(platform, value)


class SshCheck(Settings):
    """One command, asked at each poll. It changes nothing on the device: no other can be written."""

    platform: Platform
    """What command line the device has."""
    command: Annotated[Command, PlainValidator(parse_command), PlainSerializer(str, return_type=str)]
    """The command, such as `uptime` on linux and `show version` on cisco-ios."""
