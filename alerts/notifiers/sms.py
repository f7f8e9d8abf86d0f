"""SMS by a gateway with an HTTP interface: what it wants to be asked is written as a template."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from alerts.notifiers._facts import short_of
from alerts.notifiers._ports import Letter, Message, Notifier, NotifyError
from alerts.notifiers._request import RequestSettings, Sender
from noc.clock import Clock
from noc.wire.http import HttpRequest

_NUMBER: Final = re.compile(r"\+?[0-9]{3,15}\Z")
_BETWEEN: Final = re.compile(r"[\s().-]")


class Settings(RequestSettings):
    """How the gateway is asked. Templates: `to` is the number, +254207621234; `text` fits into one SMS."""

    kind: Literal["sms"] = "sms"
    """The notifier's kind."""
    answer_has: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """Text that the answer holds when the gateway took the message. Default: any 2xx answer is good."""
    refused: tuple[Annotated[int, Field(ge=400, le=499)], ...] = ()
    """Status codes by which the gateway says that this number can never be reached. Default: none."""

    @model_validator(mode="after")
    def _says_whom_and_what(self) -> Self:
        written = repr((self.url, self.headers, self.as_json, self.form, self.body))
        for name, options in _NEEDED.items():
            if not any(re.search(rf"{{[{{%][^}}]*\b{option}\b", written) for option in options):
                raise ValueError(f"nothing here says {name}: write {{{{ {options[0]} }}}} where the gateway wants it")
        return self


_NEEDED: Final[Mapping[str, tuple[str, ...]]] = {"to whom": ("to", "name"), "what": ("text", "short", "subject")}


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    return Sms(settings, Sender(settings, folder, clock))


class Sms:
    """Sends SMS."""

    def __init__(self, settings: Settings, sender: Sender) -> None:
        self._settings = settings
        self._sender = sender

    async def send(self, message: Message) -> None:
        """Hand a message to the gateway. Raises NotifyError."""
        short = short_of(message)
        made = replace(message, to=_number(message.to), text=short, short=short, subject=short)
        await self._hand_in(self._sender.request(made))

    async def announce(self, letter: Letter) -> None:
        """Tell in one SMS that there is something for somebody. Raises NotifyError."""
        made = replace(letter, to=_number(letter.to), text=letter.short, subject=letter.short)
        await self._hand_in(self._sender.request_of_letter(made))

    async def _hand_in(self, request: HttpRequest) -> None:
        answer = await self._sender.counter.hand_in(request, self._settings.refused)
        wanted = self._settings.answer_has
        if wanted is not None and wanted not in answer.text():
            said = self._sender.counter.harmless(answer.text(), request)
            raise NotifyError(f"the gateway of {request.url.split('/')[2]} didn't take it: {said or 'empty answer'}")


def _number(written: str) -> str:
    number = _BETWEEN.sub("", written)
    if _NUMBER.match(number) is None:
        raise NotifyError("the number is not one; write +254207621234", permanent=True)
    return number
