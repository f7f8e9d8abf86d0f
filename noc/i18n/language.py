"""A language: words by its catalogue, numbers, dates and lengths of time by CLDR through Babel.

Texts in the code are English; `catalogues/<tag>.po` has the other five. Digits are Western in all of them, as on the
pages. What a catalogue lacks stays English: a report with one English word is better than none.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from typing import Final, Literal, Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from noc.i18n.dates import Dates, dates_of
from noc.model.instants import from_ms

LOCALES: Final[Mapping[str, str]] = {
    "en": "en_GB",
    "ar": "ar_001",
    "es": "es",
    "fr": "fr",
    "ru": "ru",
    "zh": "zh_Hans",
}
"""Locales of CLDR by language tag; English first, then by name."""

NATIVE: Final[Mapping[str, str]] = {
    "en": "English",
    "ar": "العربية",
    "es": "Español",
    "fr": "Français",
    "ru": "Русский",
    "zh": "中文",
}
"""What each language calls itself."""

_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))
_ISOLATE: Final = "\N{LEFT-TO-RIGHT ISOLATE}"
_END: Final = "\N{POP DIRECTIONAL ISOLATE}"

_YEAR_DAYS: Final = 365
_COMMAS: Final = {"ar": "، ", "zh": "、"}

_PARTS: Final = 2
"""So many units of a length of time are shown: days and hours, hours and minutes."""


class _Words(Protocol):
    def gettext(self, message: str) -> str: ...

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str: ...


@dataclass(frozen=True, slots=True)
class Language:
    """How people of one language read. tag: BCP 47, in `LOCALES`. dates: days and times of day."""

    tag: str
    locale: Locale
    words: _Words = field(repr=False)
    dates: Dates = field(repr=False)

    @property
    def direction(self) -> Literal["ltr", "rtl"]:
        """Return in which direction it is written."""
        return "rtl" if self.locale.text_direction == "rtl" else "ltr"

    @property
    def comma(self) -> str:
        """Return what stands between things that are told one after the other."""
        return _COMMAS.get(self.tag, ", ")

    def say(self, text: str, /, **values: object) -> str:
        """Return an English text in this language. values: for its `{names}`."""
        said = self.words.gettext(text)
        return said.format_map(values) if values else said

    def count(self, one: str, many: str, number: int, **values: object) -> str:
        """Return a text about a number of things, which stands in it as `{n}`."""
        said = self.words.ngettext(one, many, number)
        return said.format_map({"n": self.number(number), **values})

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with as many decimals."""
        shape = "#,##0" + ("." + "0" * digits if digits else "")
        return format_decimal(Decimal(str(value)), format=shape, locale=self.locale)

    def marks(self, text: str) -> str:
        """Return a number as programs write it (`1,234.5`) with the marks of this language."""
        marks = self.locale.number_symbols["latn"]
        return text.translate({ord(","): str(marks["group"]), ord("."): str(marks["decimal"])})

    def percent(self, value: float | None, digits: int = 3) -> str:
        """Return percent, cut and not rounded: 99.7999 is not 99.8. None: nothing to divide by, a dash."""
        if value is None:
            return "–"
        cut = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)
        shape = self.locale.percent_formats[None].pattern.replace("#,##0", "#,##0." + "0" * digits)
        text = format_percent(cut / 100, format=shape, locale=self.locale)
        return self.isolated(text)

    def length(self, seconds: float) -> str:
        """Return a length of time in its two greatest units: `3 hrs 12 mins`."""
        rest, parts = abs(int(seconds)), list[str]()
        for unit, size in _UNITS:
            count, rest = divmod(rest, size)
            if count and len(parts) < _PARTS:
                parts.append(self._units(count, unit))
            elif parts:
                break
        sign = "−" if seconds <= -1 else ""
        return sign + " ".join(parts or [self._units(0, "second")])

    def age(self, days: int) -> str:
        """Return how long something lasts that lasts for years: `5.9 yrs`; less than one in days: `210 days`."""
        if days < _YEAR_DAYS:
            return self._units(days, "day")
        return format_unit(round(days / _YEAR_DAYS, 1), "duration-year", length="short", locale=self.locale)

    def _units(self, count: int, unit: str) -> str:
        if (self.tag, unit) == ("es", "hour"):
            return f"{count} h"  # CLDR has "1 horas"
        return format_unit(count, f"duration-{unit}", length="short", locale=self.locale)

    def moment(self, milliseconds: int, zone: str) -> str:
        """Return a moment in a time zone (IANA name), to the minute: `1 Oct 2026, 14:05`."""
        return self.dates.moment(from_ms(milliseconds).astimezone(ZoneInfo(zone)))

    def day(self, day: date) -> str:
        """Return a day with its month as a word, so that it means the same to everybody: `1 Oct 2026`."""
        return self.dates.day(day)

    def weekday(self, day: date) -> str:
        """Return what a day of the week is called, in short: `Sat`."""
        return self.dates.weekdays[day.weekday()]

    def isolated(self, text: str) -> str:
        """Return what is read from left to right in every language; where others are not, with marks around it."""
        return f"{_ISOLATE}{text}{_END}" if self.direction == "rtl" else text

    def month(self, day: date) -> str:
        """Return the month of a day, `October 2026`."""
        return format_skeleton("yMMMM", datetime(day.year, day.month, 1), locale=self.locale)  # noqa: DTZ001

    def quarter(self, day: date) -> str:
        """Return the quarter of a day, `Q4 2026`."""
        return format_skeleton("yQQQ", datetime(day.year, day.month, 1), locale=self.locale)  # noqa: DTZ001


@lru_cache(maxsize=len(LOCALES))
def language(tag: str) -> Language:
    """Return a language by its tag. Raises ValueError, which names those that there are."""
    if tag not in LOCALES:
        raise ValueError(f"'{tag}' is none of the languages {', '.join(LOCALES)}")
    locale = Locale.parse(LOCALES[tag])
    return Language(tag, locale, _words(tag), dates_of(locale))


def _words(tag: str) -> _Words:
    if tag == "en":
        return NullTranslations()
    text = (files(__package__) / "catalogues" / f"{tag}.po").read_bytes()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(text), locale=tag))
    compiled.seek(0)
    return GNUTranslations(compiled)
