"""A hundred other services by the library Apprise: Telegram, Slack, Teams, Matrix, Signal, Pushover, ntfy, …

Each message is handed over by a process of its own (noc/wire/apprising.py), which is ended when it takes too long.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from alerts.messages import clean
from alerts.notifiers._facts import Plain, short_of
from alerts.notifiers._http import AllowedNetwork
from alerts.notifiers._ports import Letter, Message, Notifier, NotifyError
from alerts.notifiers._templates import TemplateWrongError, known, known_of_letter, render, tried
from noc.clock import Clock
from noc.inventory.values import Word
from noc.processes import ended
from noc.settings.schema import Duration
from noc.settings.schema import Settings as BaseSettings
from noc.settings.secrets import Secret, SecretReference

SAID_AT_MOST: Final = 300
HIDDEN_FROM: Final = 4
"""Parts of a URL that are shorter are no secrets, and would make holes in every word."""

_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]{0,30})://")
_KEPT: Final = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
"""Of the environment; of proxies and log-ins that others wrote for their programs, nothing."""


def _apprise_url(text: str) -> str:
    if _SCHEME.match(text) is None:
        raise ValueError("this is no URL of Apprise; write tgram://{{ secrets.token }}/{{ to }}")
    return text


class Settings(BaseSettings):
    """Which service of Apprise is used."""

    kind: Literal["apprise"] = "apprise"
    """The notifier's kind."""
    url: Annotated[str, AfterValidator(_apprise_url)]
    """The service, as Apprise writes it: `tgram://{{ secrets.token }}/{{ to }}`. A template; what is put in is quoted.
    {{ to }} is the reader's address."""
    secrets: dict[Word, SecretReference] = Field(default_factory=dict)
    """Secrets that the URL may use."""
    is_short: bool = Field(False, alias="short")
    """Whether the text is the one that fits into an SMS."""
    ca: Path | None = None
    """File with the certificates (PEM) that servers' are checked against. Default: those that Apprise brings."""
    allow_networks: tuple[AllowedNetwork, ...] = ()
    """Networks on this machine or its link that may be gone to: 127.0.0.1, 169.254.7.0/24. Default: none."""
    timeout: Duration = timedelta(seconds=20)
    """How long it may take, the start of the process included."""

    @model_validator(mode="after")
    def _url_can_be_made(self) -> Self:
        tried(self.secrets, lambda data: render(self.url, data, in_url=True))
        return self


class _Outcome(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    ok: bool
    said: str
    gone_to: tuple[str, ...]


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is started yet. Raises SecretError."""
    secrets = {name: reference.resolve(folder) for name, reference in settings.secrets.items()}
    return Apprise(settings, secrets, None if settings.ca is None else folder / settings.ca)


class Apprise:
    """Hands messages to Apprise."""

    def __init__(self, settings: Settings, secrets: Mapping[str, Secret], ca: Path | None) -> None:
        self._settings = settings
        self._secrets = secrets
        self._ca = ca
        found = _SCHEME.match(settings.url)
        self._name = f"apprise {'' if found is None else found[0]}"

    async def send(self, message: Message) -> None:
        """Hand a message over; when this returns the service has taken it. Raises NotifyError."""
        body = short_of(message) if self._settings.is_short else message.text
        await self._hand_over(self._url(known(message, self._revealed)), message.subject, body)

    async def announce(self, letter: Letter) -> None:
        """Tell in short that there is something for somebody. Raises NotifyError."""
        await self._hand_over(self._url(known_of_letter(letter, self._revealed)), letter.subject, letter.short)

    @property
    def _revealed(self) -> dict[str, str]:
        return {name: secret.reveal() for name, secret in self._secrets.items()}

    async def _hand_over(self, url: str, title: str, body: str) -> None:
        question = {
            "url": url,
            "title": title,
            "body": body,
            "networks": [str(network) for network in self._settings.allow_networks],
        }
        outcome = await self._ask(json.dumps(question).encode())
        if not outcome.ok:
            said = clean(" ".join(_hidden(outcome.said, url).split()), SAID_AT_MOST) or "the message was not taken"
            gone_to = f" ({', '.join(outcome.gone_to)})" if outcome.gone_to else ""
            raise NotifyError(f"{self._name}{gone_to}: {said}")

    def _url(self, data: Mapping[str, Plain]) -> str:
        try:
            return render(self._settings.url, data, in_url=True)
        except TemplateWrongError as error:
            raise NotifyError(f"{self._name}: template: {clean(str(error))}") from None

    async def _ask(self, question: bytes) -> _Outcome:
        limit_s = self._settings.timeout.total_seconds()
        try:
            async with asyncio.timeout(limit_s):
                return _Outcome.model_validate_json(await self._run(question))
        except TimeoutError:
            raise NotifyError(f"{self._name}: took longer than {limit_s:g} s and was ended", unknown=True) from None
        except ValidationError:
            raise NotifyError(f"{self._name}: its process died without a word", unknown=True) from None
        except OSError as error:
            raise NotifyError(f"{self._name}: its process can't be started: {error.strerror}") from error

    async def _run(self, question: bytes) -> bytes:
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        if self._ca is not None:
            environment["REQUESTS_CA_BUNDLE"] = str(self._ca)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "noc.wire.apprising",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={**environment, "HOME": "/nonexistent"},
        )
        try:
            answer, _ = await process.communicate(question)
        finally:
            if process.returncode is None:
                await ended(process)
        return answer


def _hidden(text: str, url: str) -> str:
    """Return what was said without the parts of the URL: most are keys of somebody."""
    parts = {part for written in (url, unquote(url)) for part in re.split(r"[/:@?&=,]+", written)[1:]}
    for part in sorted({url, *parts}, key=len, reverse=True):
        if len(part) >= HIDDEN_FROM and not re.fullmatch(r"[0-9.]+", part):
            text = text.replace(part, "…")
    return text
