"""Tickets by a REST interface of the form of ServiceNow's Table API: made, added to, resolved, and looked at.

A ticket carries the incident's key as its `correlation_id`; it is looked for before one is made. So neither a
repetition nor a second reader makes another one, and nothing has to be remembered here.

Source: ServiceNow product documentation, "Table API".
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Final, Literal, Self
from urllib.parse import quote
from weakref import WeakValueDictionary

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from alerts.messages import clean
from alerts.notifiers._facts import Plain, is_over, key_of
from alerts.notifiers._http import Counter, HttpSettings, Url, basic, is_private
from alerts.notifiers._ports import Message, Notifier, NotifyError, TicketNow
from alerts.notifiers._templates import TemplateWrongError, json_body, known, rendered, tried
from noc.clock import Clock
from noc.inventory.values import Word
from noc.model.incident import Incident
from noc.settings.secrets import SecretReference
from noc.wire.http import HttpAnswer, HttpRequest, origin

TITLE_AT_MOST: Final = 160
STATE_AT_MOST: Final = 40
_READ: Final = "sys_id,number,state,correlation_id,correlation_display"

Fields = dict[Word, str]


class Settings(HttpSettings):
    """Where tickets are kept. Texts in `fields`, `resolve` and `reopen` are templates.

    {{ to }} is the reader's address, such as the group that a ticket is assigned to.
    """

    kind: Literal["rest"] = "rest"
    """The notifier's kind."""
    url: Annotated[Url, AfterValidator(lambda url: url.rstrip("/"))]
    """The instance: https://example.service-now.com."""
    path: Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~/-]+$")] = "/api/now/table/incident"
    """The table's path."""
    page: Annotated[str, Field(pattern=r"^/[^\s]*$")] = "/incident.do?sys_id={id}"
    """Path of a ticket's page, for people; {id} is its sys_id."""
    user: Annotated[str, Field(min_length=1, pattern=r"^[^:]+$")] | None = None
    """Name to log in with (HTTP Basic)."""
    password: SecretReference | None = None
    """The password to it."""
    token: SecretReference | None = None
    """A token instead of both (Bearer)."""
    fields: Fields = Field(default_factory=dict)
    """More fields of a new ticket: {assignment_group: "{{ to }}", category: network}."""
    resolve: Fields = Field(default_factory=lambda: {"state": "6", "close_notes": "{{ subject }}"})
    """Fields that resolve a ticket. Often `close_code` is asked for too."""
    reopen: Fields = Field(default_factory=lambda: {"state": "2"})
    """Fields that take a resolved ticket up again."""
    states: dict[str, Annotated[str, Field(min_length=1, max_length=STATE_AT_MOST)]] = Field(
        default_factory=lambda: {
            "1": "new",
            "2": "in progress",
            "3": "on hold",
            "6": "resolved",
            "7": "closed",
            "8": "cancelled",
        }
    )
    """What the values of `state` mean."""
    over: tuple[str, ...] = ("resolved",)
    """Words of `states` for a ticket that is over, and can be taken up again."""
    gone: tuple[str, ...] = ("closed", "cancelled")
    """Words of `states` for a ticket that stays as it is; what comes then makes a new one."""

    @model_validator(mode="after")
    def _log_in_is_whole_and_private(self) -> Self:
        if (self.user is None) != (self.password is None) or (self.user is None) == (self.token is None):
            raise ValueError("give user and password, or token")
        if not is_private(self.url):
            raise ValueError("a log-in is not sent over a connection that isn't encrypted: write https://")
        tried({}, lambda data: [rendered(dict(one), data) for one in (self.fields, self.resolve, self.reopen)])
        return self


class _Ticket(BaseModel):
    """What noc reads of a ticket."""

    model_config = ConfigDict(frozen=True, extra="ignore", coerce_numbers_to_str=True)

    sys_id: Annotated[str, Field(min_length=1, max_length=200)]
    number: Annotated[str, Field(min_length=1, max_length=200)]
    state: str = ""
    correlation_id: str = ""
    correlation_display: str = ""


class _Found(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")

    result: tuple[_Ticket, ...]


def build(settings: Settings, folder: Path, clock: Clock) -> Notifier:
    """Return the notifier; nothing is connected yet. Raises SecretError."""
    hidden = [ref.resolve(folder) for ref in (settings.password, settings.token) if ref is not None]
    (secret,) = hidden
    log_in = {"Authorization": f"Bearer {secret.reveal()}"} if settings.user is None else basic(settings.user, secret)
    return Rest(settings, log_in, Counter(settings, folder, clock, hidden))


class Rest:
    """Keeps tickets."""

    def __init__(self, settings: Settings, log_in: Mapping[str, str], counter: Counter) -> None:
        self._settings = settings
        self._log_in = log_in
        self._counter = counter
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def send(self, message: Message) -> None:
        """Make a ticket, add to it, or resolve it. Raises NotifyError."""
        key = key_of(message.incident)
        async with self._turns.setdefault(key, asyncio.Lock()):  # two readers of one incident make one ticket
            ticket = next(iter(await self._found(f"correlation_id={key}", 1)), None)
            word = "" if ticket is None else self._word(ticket)
            if ticket is not None and ticket.correlation_display == message.key:
                return  # it was taken, and the answer was lost
            if is_over(message):
                if ticket is not None and word not in (*self._settings.over, *self._settings.gone):
                    await self._change(ticket, message, self._settings.resolve)
            elif ticket is None or word in self._settings.gone:
                await self._make(message)
            else:
                await self._change(ticket, message, self._settings.reopen if word in self._settings.over else {})

    async def tickets(self, incidents: Sequence[Incident]) -> Mapping[int, TicketNow]:
        """Return how incidents stand there. Raises NotifyError."""
        numbers = {key_of(one): one.id for one in incidents}
        if not numbers:
            return {}
        found: dict[int, TicketNow] = {}
        for ticket in await self._found(f"correlation_idIN{','.join(numbers)}", 4 * len(numbers)):
            number = numbers.get(ticket.correlation_id)
            if number is not None:  # the newest comes first
                url = self._settings.url + self._settings.page.replace("{id}", quote(ticket.sys_id, safe=""))
                found.setdefault(number, TicketNow(clean(ticket.number), self._word(ticket), url))
        return found

    def _word(self, ticket: _Ticket) -> str:
        return self._settings.states.get(ticket.state, clean(ticket.state, STATE_AT_MOST) or "open")

    async def _found(self, query: str, limit: int) -> tuple[_Ticket, ...]:
        params = {
            "sysparm_query": f"{query}^ORDERBYDESCsys_created_on",
            "sysparm_fields": _READ,
            "sysparm_limit": str(limit),
            "sysparm_display_value": "false",
        }
        url = self._settings.url + self._settings.path
        answer = await self._ask(HttpRequest("GET", url, params=params))
        try:
            return _Found.model_validate_json(answer.body).result
        except ValidationError:
            raise NotifyError(f"{origin(url)} answers no list of tickets; see url and path") from None

    async def _make(self, message: Message) -> None:
        incident = message.incident
        fields: dict[str, Plain] = {
            "short_description": message.subject[:TITLE_AT_MOST],
            "description": message.text,
            "impact": str(incident.impact),
            "urgency": str(incident.urgency),
            "correlation_id": key_of(incident),
            "correlation_display": message.key,
            **self._rendered(message, self._settings.fields),
        }
        await self._put("POST", self._settings.url + self._settings.path, fields)

    async def _change(self, ticket: _Ticket, message: Message, fields: Fields) -> None:
        more: dict[str, Plain] = {
            "work_notes": f"{message.subject}\n\n{message.text}",
            "correlation_display": message.key,
            **self._rendered(message, fields),
        }
        await self._put("PATCH", f"{self._settings.url}{self._settings.path}/{quote(ticket.sys_id, safe='')}", more)

    async def _put(self, method: str, url: str, fields: dict[str, Plain]) -> None:
        headers = {"Content-Type": "application/json"}
        await self._ask(HttpRequest(method, url, headers=headers, body=json_body(fields)))

    async def _ask(self, request: HttpRequest) -> HttpAnswer:
        headers = {"Accept": "application/json", **self._log_in, **request.headers}
        asked = HttpRequest(request.method, request.url, request.params, headers, request.body)
        return await self._counter.hand_in(asked)

    def _rendered(self, message: Message, fields: Fields) -> dict[str, Plain]:
        try:
            made = rendered(dict(fields), known(message, {}))
        except TemplateWrongError as error:
            raise NotifyError(f"{origin(self._settings.url)}: template: {clean(str(error))}") from None
        return made if isinstance(made, dict) else {}
