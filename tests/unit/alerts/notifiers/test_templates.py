"""Templates of one's own: found wrong when the settings are read, and no word of a device gets out of its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerts.notifiers import sms, webhook
from alerts.notifiers._ports import Message
from alerts.notifiers._request import Sender
from alerts.notifiers._templates import TemplateWrongError, render
from noc.clock import ManualClock
from noc.model.incident import Incident
from noc.wire.http import HttpRequest
from tests.unit.alerts.alerting import START, START_MS

INCIDENT = Incident(7, "device/a", "device-down", "critical", "standard", START_MS, START_MS, {"status": "down"})
MESSAGE = Message("7-abc", "7-abc", "ops", "Achieng", "subject", "text\n", "<p>html</p>", "page", INCIDENT, "short")
URL = "https://gateway.example.org"
LOOPS = "{% for a in text %}"
ENDS = "{% endfor %}"


def wrong(model: type[webhook.Settings | sms.Settings], written: dict[str, object]) -> str:
    with pytest.raises(ValidationError) as caught:
        model.model_validate_json(json.dumps(written))
    return str(caught.value)


def made(message: Message, written: dict[str, object]) -> HttpRequest:
    settings = webhook.Settings.model_validate_json(json.dumps(written))
    return Sender(settings, Path(), ManualClock(START)).request(message)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"json": {"a": ["{{ subjct }}"]}}, "json: 'subjct' is undefined"),
        ({"form": {"a": "{{ incident.kee }}"}}, "form: 'dict object' has no attribute 'kee'"),
        ({"body": "{{ subject"}, "body: unexpected end of template"),
        ({"body": "{{ secrets.token }}"}, "has no attribute 'token'"),
        ({"body": "{{ ''.__class__.__mro__ }}"}, "unsafe"),
        ({"body": "{{ 'a' * 99999999 }}"}, "for numbers only"),
        ({"body": LOOPS * 6 + "{{ text }}" + ENDS * 6}, "more than 262144 characters"),
        ({"body": "{% for a in range(99999) %}{% endfor %}"}, "'range' is undefined"),
        ({"body": "a", "form": {"a": "b"}}, "exclude each other"),
        ({"url": "https://{{ to }}/"}, "behind the server's name only"),
        ({"url": "https://example.org{{ to }}"}, "behind the server's name only"),
        ({"url": "https://user:pass@example.org/"}, "behind the server's name only"),
        ({"url": "file:///etc/passwd"}, "behind the server's name only"),
        ({"headers": {"a b": "c"}}, "is no name of a header"),
        ({"url": "http://a.example/", "user": "a", "password": {"!secret": "env:A"}}, "isn't encrypted"),
    ],
)
def test_what_is_wrong_is_told_when_the_settings_are_read(written: dict[str, object], said: str) -> None:
    assert said in wrong(webhook.Settings, {"url": URL, **written})


def test_a_gateway_of_sms_is_told_whom_and_what() -> None:
    assert "nothing here says to whom" in wrong(sms.Settings, {"url": URL, "form": {"text": "{{ text }}"}})
    assert "nothing here says what" in wrong(sms.Settings, {"url": URL, "form": {"to": "{{ to }}"}})


@given(st.text())
def test_no_text_gets_out_of_its_place(text: str) -> None:
    message = replace(MESSAGE, subject=text)
    as_json = made(message, {"url": URL, "json": {"a": "x{{ subject }}"}}).body
    shown = text.encode("utf-8", "replace").decode()
    assert json.loads(as_json or b"") == {"a": f"x{shown}"}
    as_form = made(message, {"url": URL, "form": {"a": "x{{ subject }}"}}).body
    assert parse_qs((as_form or b"").decode(), errors="strict") == {"a": [f"x{shown}"]}
    url = urlsplit(made(message, {"url": f"{URL}/a/{{{{ subject }}}}?b={{{{ subject }}}}&c=d"}).url)
    assert (url.netloc, url.path.count("/"), url.query.count("&")) == ("gateway.example.org", 2, 1)
    (header,) = made(message, {"url": URL, "headers": {"X-A": "{{ subject }}"}}).headers.items() - {
        ("Idempotency-Key", "7-abc")
    }
    assert not set("\r\n\0") & set(header[1])


def test_an_error_while_sending_tells_no_value() -> None:
    with pytest.raises(TemplateWrongError) as caught:
        render("{{ (secrets.token | int(default='x')) + 1 }}", {"secrets": {"token": "hunter2"}})
    assert "hunter2" not in str(caught.value)


def test_a_signature_is_the_one_of_the_standard() -> None:
    """The example of standardwebhooks.com, which its libraries are tested with."""
    from noc.settings.secrets import Secret  # noqa: PLC0415

    request = HttpRequest("POST", URL, body=b'{"test": 2432232314}')
    secret = Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = webhook.signed(request, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, secret).headers
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-id"] == "msg_p5jXN8AQM9LWM0D4loKWxJek"
