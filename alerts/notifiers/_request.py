"""A request made by templates: what webhooks and gateways of SMS have in common. Not a notifier itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, JsonValue, model_validator

from alerts.messages import clean
from alerts.notifiers._facts import Plain
from alerts.notifiers._http import Counter, HttpSettings, basic, is_private, parse_url
from alerts.notifiers._ports import Letter, Message, NotifyError
from alerts.notifiers._templates import (
    TemplateWrongError,
    form,
    json_body,
    known,
    known_of_letter,
    render,
    rendered,
    tried,
)
from noc.clock import Clock
from noc.inventory.values import Word
from noc.settings.secrets import Secret, SecretReference
from noc.wire.http import HttpRequest, origin

_SERVER: Final = re.compile(r"https?://(?:[A-Za-z0-9._-]{1,253}|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?(?=[/?]|\Z)")
_HEADER: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")
HEADER_AT_MOST: Final = 4_000

Made = TypeVar("Made")


def _server_is_plain(text: str) -> str:
    if _SERVER.match(text) is None:
        raise ValueError("write https://gateway.example.org/…; templates may stand behind the server's name only")
    return text


def _header(text: str) -> str:
    if _HEADER.match(text) is None:
        raise ValueError(f"'{text[:60]}' is no name of a header; write X-Api-Key")
    return text


class RequestSettings(HttpSettings):
    """A request; all texts in it but the names of keys are templates of Jinja2."""

    url: Annotated[str, AfterValidator(_server_is_plain)]
    """Where to. What a template puts in is quoted; the server's name is no template."""
    method: Literal["POST", "PUT", "PATCH", "GET"] = "POST"
    """POST, PUT, PATCH or GET."""
    headers: dict[Annotated[str, AfterValidator(_header)], str] = Field(default_factory=dict)
    """Headers by name."""
    user: Annotated[str, Field(min_length=1, pattern=r"^[^:]+$")] | None = None
    """Name to log in with (HTTP Basic). Default: no log-in."""
    password: SecretReference | None = None
    """The password to it."""
    secrets: dict[Word, SecretReference] = Field(default_factory=dict)
    """Secrets that templates may use: `{{ secrets.token }}`."""
    as_json: dict[str, JsonValue] | None = Field(None, alias="json")
    """The body, as JSON: each text in it is a template, and what it makes is one text again."""
    form: dict[str, str] | None = None
    """The body, as a form."""
    body: Annotated[str, Field(min_length=1)] | None = None
    """The body, as text; what a template puts in stands there as it is, so use `| tojson` or `| e`."""
    content_type: Annotated[str, Field(pattern=r"^[\x21-\x7e][\x20-\x7e]*$")] | None = None
    """Of `body`. Default: text/plain in UTF-8."""

    @model_validator(mode="after")
    def _one_body_that_can_be_made(self) -> Self:
        if sum(one is not None for one in (self.as_json, self.form, self.body)) > 1:
            raise ValueError("json, form and body exclude each other")
        if (self.user is None) != (self.password is None):
            raise ValueError("user and password are given together, or neither")
        if self.user is not None and not is_private(self.url):
            raise ValueError("a password is not sent over a connection that isn't encrypted: write https://")
        tried(self.secrets, lambda data: request_of(self, data))
        return self


def request_of(settings: RequestSettings, data: Mapping[str, Plain]) -> HttpRequest:
    """Return the request of a message. data: as `known`. Raises TemplateWrongError, which names the key."""
    url = _made("url", lambda: parse_url(render(settings.url, data, in_url=True)))
    if origin(url) != origin(settings.url):
        raise TemplateWrongError("url: a template changes the server's name")
    headers = {name: _header_value(name, text, data) for name, text in settings.headers.items()}
    content_type, body = _body(settings, data)
    if content_type is not None:
        headers = {"Content-Type": content_type, **headers}
    return HttpRequest(settings.method, url, headers=headers, body=body)


def _body(settings: RequestSettings, data: Mapping[str, Plain]) -> tuple[str | None, bytes | None]:
    as_json, as_form, as_text = settings.as_json, settings.form, settings.body
    if as_json is not None:
        return "application/json", _made("json", lambda: json_body(rendered(as_json, data)))
    if as_form is not None:
        return "application/x-www-form-urlencoded", _made("form", lambda: form(as_form, data))
    if as_text is not None:
        content_type = settings.content_type or "text/plain; charset=utf-8"
        return content_type, _made("body", lambda: render(as_text, data).encode("utf-8", "replace"))
    return None, None


def _header_value(name: str, text: str, data: Mapping[str, Plain]) -> str:
    return _made(f"headers.{name}", lambda: clean(render(text, data), HEADER_AT_MOST))


def _made(key: str, make: Callable[[], Made]) -> Made:
    try:
        return make()
    except ValueError as error:
        raise TemplateWrongError(f"{key}: {error}") from None


class Sender:
    """Sends the request of a message: settings, with their secrets at hand. folder: where relative paths start from.

    signing: one more secret that is not to be told. Raises SecretError.
    """

    def __init__(self, settings: RequestSettings, folder: Path, clock: Clock, signing: Secret | None = None) -> None:
        self._settings = settings
        self._secrets = {name: reference.resolve(folder) for name, reference in settings.secrets.items()}
        password = None if settings.password is None else settings.password.resolve(folder)
        self._log_in = {} if password is None else basic(settings.user or "", password)
        hidden = [secret for secret in (*self._secrets.values(), password, signing) if secret is not None]
        self.counter = Counter(settings, folder, clock, hidden)

    def request(self, message: Message) -> HttpRequest:
        """Return the request. Raises NotifyError."""
        return self._request(known(message, self._revealed), message.key)

    def request_of_letter(self, letter: Letter) -> HttpRequest:
        """Return the request of what a letter says in short.

        Raises NotifyError, a permanent one: a template that wants an incident will want it the next time, too.
        """
        try:
            return self._request(known_of_letter(letter, self._revealed), letter.key)
        except NotifyError as error:
            raise NotifyError(str(error), permanent=True) from error

    @property
    def _revealed(self) -> dict[str, str]:
        return {name: secret.reveal() for name, secret in self._secrets.items()}

    def _request(self, data: Mapping[str, Plain], key: str) -> HttpRequest:
        try:
            made = request_of(self._settings, data)
        except TemplateWrongError as error:
            raise NotifyError(f"{origin(self._settings.url)}: template: {clean(str(error))}") from None
        # The same for every attempt: a server that knows the header takes a repetition for what it is.
        return replace(made, headers={"Idempotency-Key": key, **self._log_in, **made.headers})
