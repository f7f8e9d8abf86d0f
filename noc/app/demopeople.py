"""Who is told in the demo: the five desks of a service desk that follows the sun, with a schedule each."""

from __future__ import annotations

from typing import Final

from noc.settings.yamltext import Data

HUBS: Final = {
    "bangkok": (
        "Bangkok",
        "Asia/Bangkok",
        ("07:00", "16:00"),
        (("somchai", "Somchai Prasert"), ("mali", "Mali Srisai")),
    ),
    "nairobi": (
        "Nairobi",
        "Africa/Nairobi",
        ("08:00", "17:00"),
        (("achieng", "Achieng Otieno"), ("otieno", "Peter Otieno")),
    ),
    "geneva": ("Geneva", "Europe/Zurich", ("08:00", "17:00"), (("lea", "Léa Favre"), ("yusuf", "Yusuf Demir"))),
    "brindisi": ("Brindisi", "Europe/Rome", ("08:00", "17:00"), (("luca", "Luca Ferri"), ("marta", "Marta Greco"))),
    "new-york": ("New York", "America/New_York", ("08:00", "20:00"), (("bob", "Bob Miller"), ("ana", "Ana Torres"))),
}
"""By key: name, time zone, daylight hours, and the people who take turns, week by week."""


NEXT_DESKS: Final = ("schedule/nairobi", "schedule/brindisi")
"""Who is called when the desk in daylight says nothing."""


def alert_settings(smtp_port: int, hook_port: int, base_url: str | None) -> dict[str, Data]:
    """Return the settings `alerts:` of the demo; everybody is told by its mailbox, a chat room by its webhook.

    All is quicker than in a real house, as the faults are.
    """
    people: dict[str, Data] = {
        "duty": {"name": "Duty manager", "email": "duty.manager@example.org"},
        "chat": {"name": "Chat room of the desks", "addresses": {"webhook": "noc-desks"}, "channels": ["webhook"]},
    }
    schedules: dict[str, Data] = {}
    desks: dict[str, Data] = {}
    for key, (name, zone, (opens, closes), turns) in HUBS.items():
        for person, called in turns:
            people[person] = {"name": f"{called}, {name}", "email": f"{person}@example.org", "time_zone": zone}
        schedules[key] = {"name": name, "time_zone": zone, "layers": [{"people": [person for person, _ in turns]}]}
        desks[key] = {"name": name, "time_zone": zone, "hours": [{"from": opens, "to": closes}], "schedule": key}
    steps: list[Data] = [
        {"notify": ["desk/daylight", "chat"]},
        {"after": "1m", "notify": list(NEXT_DESKS)},
        {"after": "4m", "notify": ["duty"]},
    ]
    return {
        "people": people,
        "notifiers": {
            "email": {"host": "127.0.0.1", "port": smtp_port, "security": "none", "from": "noc@demo.example.org"},
            "webhook": {"url": f"http://127.0.0.1:{hook_port}/chat", "allow_networks": ["127.0.0.1/32"]},
        },
        "schedules": schedules,
        "desks": desks,
        "policies": {"default": {"steps": steps, "reminder": "10m", "reminders": 3}},
        "catch_all": {"notify": ["duty"], "after": "5m"},
        "flapping": {"half_life": "5m", "begin": 1.5, "end": 0.5},
        # The tour tells within five minutes what a house hears of in a day; each of it is to be an incident of its own.
        "root_cause": {"storm": 16},
        "base_url": base_url,
    }
