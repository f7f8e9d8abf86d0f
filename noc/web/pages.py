"""What every page is made with: templates, the frame around each page, the log-in page and errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from noc.access.passwords import LEAST
from noc.http.beat import Beat
from noc.http.pages import LOGIN_SENTENCES, LoginProblem, PlainPages, Ways
from noc.http.problems import ProblemError
from noc.http.scope import caller, caller_or_none
from noc.http.sitestates import StatesNow
from noc.http.sources import Sources
from noc.http.wallpicture import WallPictures
from noc.i18n.language import NATIVE, Language, language
from noc.inventory.entities import Site
from noc.model.account import Account
from noc.state import accounts
from noc.web import charts, faultwords, figures, scriptwords, words
from noc.web.auditwords import details, done, way
from noc.web.browsers import browser_of
from noc.web.callednames import CalledNames
from noc.web.carrying import carry
from noc.web.checkwords import checked
from noc.web.expectedwords import expected
from noc.web.handbook import Handbook
from noc.web.helpful import help_for
from noc.web.keys import KEYS, OF_DEMO, for_script, going
from noc.web.lite import STYLE, slim
from noc.web.litewords import said_in_lite
from noc.web.manifest import Manifest
from noc.web.navigation import entries
from noc.web.overview import DeviceCounts
from noc.web.reader import carried, is_lite, times_of
from noc.web.shared import CSRF_PLACE, FOR_ALL, SharedViews
from noc.web.siteclasses import class_word
from noc.web.tongue import COOKIE, counting, saying, tag_for
from noc.web.tourwords import BREAK_WORDS, BROKEN, TOUR_COOKIE
from noc.web.unaskedwords import unasked
from noc.web.unplayedwords import unplayed
from noc.web.vocabulary import CHANGES, DEVICES, SITES
from noc.web.zones import Times, choices

TEMPLATES: Final = Path(__file__).parent / "templates"
_COMPRESSED_FROM: Final = 2_000
_Made = TypeVar("_Made")


def spoken_of(request: web.Request) -> str:
    """Return the tag of the language in which somebody reads pages: of their account, or else of their browser."""
    who = caller_or_none(request)
    own = "" if who is None or who.account is None else who.account.language
    return tag_for(own or request.cookies.get(COOKIE), request.headers.get("Accept-Language", ""))


class WebPages:
    """Renders pages; also the pages that noc.http shows by itself."""

    def __init__(self, sources: Sources, manifest: Manifest | None = None) -> None:
        self.sources = sources
        self.manifest = manifest or Manifest()
        self.device_counts = DeviceCounts(sources.present, sources.clock)
        self.site_states = StatesNow(sources)
        self.shared = SharedViews(sources.beat or Beat(sources.clock, lambda: 0))
        self.handbook = Handbook()
        self.wall = WallPictures(sources, self.site_states)
        self._environment = environment(self.manifest)

    def times(self, request: web.Request, about: Site | None = None) -> Times:
        """Return how the page of a request writes its times. about: the site that it is of, as in `show`."""
        times = times_of(request, self.sources.inventory(), about)
        return times.read(language(spoken_of(request)), self.sources.clock.now())

    async def called(self) -> CalledNames:
        """Return what people are called now. Raises StateError."""
        async with self.sources.database.read() as connection:
            return CalledNames(self.sources.people(), await accounts.everyone(connection))

    def show(
        self,
        request: web.Request,
        template: str,
        *,
        topics: Sequence[str] = (),
        http_status: int = 200,
        tag: str | None = None,
        about: Site | None = None,
        **values: object,
    ) -> web.Response:
        """Return a page. topics: of the hub, whose changes make the page fetch itself anew. values: the template's.

        tag: of the page's language, where that is not its reader's choice. about: the site that it is of, where its
        address doesn't tell.
        Raises ProblemError (503) where the assets were not built, ValueError where a value has a name of the frame's.
        """
        spoken = language(tag or spoken_of(request))
        times = replace(self.times(request, about), spoken=spoken)
        frame = self._frame(request, spoken, topics) | self._said(spoken, times)
        text = self._environment.get_template(template).render(joined(frame, values))
        if is_lite(request):
            text = self._slim(request, text, frame)
        text = carry(text, carried(request))
        response = web.Response(text=text, status=http_status, content_type="text/html")
        response.headers["Vary"] = "Cookie, Accept-Language"
        if len(text) > _COMPRESSED_FROM:
            response.enable_compression()
        return response

    def _slim(self, request: web.Request, text: str, frame: Mapping[str, object]) -> str:
        """Return a page as text alone; a part of one, which scripts would fetch, as a page of its own."""
        if "<html" not in text:
            here = Markup(text)  # noqa: S704 - was made by our own template just now
            more = {"part": here, "up": request.path.rpartition("/")[0] or "/"}
            text = self._environment.get_template("litepart.html").render({**frame, **more})
        return slim(text, str(request.rel_url), self.manifest.url(STYLE), said_in_lite(language(str(frame["lang"]))))

    def _frame(self, request: web.Request, spoken: Language, topics: Sequence[str]) -> dict[str, object]:
        """Return what every template gets."""
        who, for_all = caller_or_none(request), request.get(FOR_ALL, False)
        return {
            "now": self.sources.clock.now(),
            "who": None if who is None else "" if for_all else who.who,
            "has_account": who is not None and who.account is not None,
            "lacks_factor": who is not None and who.account is not None and who.rights is not None,
            "csrf": "" if who is None else CSRF_PLACE if for_all else who.csrf,
            "may": (lambda _: False) if who is None else who.may,
            "here": request.rel_url,
            "lite": is_lite(request),
            "path": request.path,
            "help_on": help_for(request.path),
            "topics": topics,
            "simulated": self.sources.simulated,
            "tour": "" if self.sources.tour is None or who is None else request.cookies.get(TOUR_COOKIE, "shown"),
            **self._navigation(request),
            "wrong": self.sources.reload() if who is not None else (),
            "troubles": self.sources.troubles() if who is not None else (),
        }

    def _said(self, spoken: Language, times: Times) -> dict[str, object]:
        """Return what every template says texts, numbers and times with."""
        return {
            "lang": spoken.tag,
            "dir": spoken.direction,
            "say": saying(spoken),
            "count": counting(spoken),
            **words.functions(spoken, times),
            **figures.functions(spoken),
            **charts.functions(spoken),
            "tongue": spoken,
            "times": times,
            "zone_choices": choices(times, spoken),
            "script_words": scriptwords.said(spoken),
            "languages": NATIVE,
        }

    def _navigation(self, request: web.Request) -> dict[str, object]:
        who = caller_or_none(request)
        if who is None:
            return {"bar": (), "more": (), "keys": (), "going": (), "go": "{}"}
        bar, more = entries(who.may, sees_all=who.scope.everything, has_mailbox=self.sources.mailbox is not None)
        return {
            "bar": bar,
            "more": [{"entry": one, "here": one.holds(request.path)} for one in more],
            "keys": KEYS if self.sources.tour is None else (*KEYS, OF_DEMO),
            "going": going((*bar, *more)),
            "go": for_script((*bar, *more)),
        }

    def login(self, request: web.Request, problem: LoginProblem, goal: str, status: int, ways: Ways) -> web.Response:
        """Return the log-in page; without assets a plain one."""
        try:
            said = LOGIN_SENTENCES[problem]
            return self.show(
                request, "login.html", http_status=status, problem=problem, said=said, goal=goal, ways=ways
            )
        except ProblemError:
            return PlainPages().login(request, problem, goal, status, ways)

    def welcome(self, request: web.Request, account: Account, wrong: str, status: int) -> web.Response:
        """Return the page on which somebody who was invited chooses a password; without assets a plain one."""
        try:
            return self.show(
                request, "welcome.html", http_status=status, account=account, wrong_choice=wrong, least=LEAST
            )
        except ProblemError:
            return PlainPages().welcome(request, account, wrong, status)

    def error(self, request: web.Request, status: int, title: str, detail: str) -> web.Response:
        """Return the page of an error; without assets a plain one."""
        try:
            spoken = language(spoken_of(request))
            heading, why = (
                faultwords.title(status, title, spoken),
                faultwords.detail(detail, spoken, self.times(request)),
            )
            return self.show(request, "error.html", http_status=status, code=status, title=heading, detail=why)
        except ProblemError:
            return PlainPages().error(request, status, title, detail)


def joined(frame: Mapping[str, object], values: Mapping[str, object]) -> dict[str, object]:
    """Return what a template gets. Raises ValueError where a view would hide what every page says, as who is asking."""
    if hidden := frame.keys() & values.keys():
        raise ValueError(f"a view hides names of the frame: {', '.join(sorted(hidden))}; name its values otherwise")
    return {**frame, **values}


def who_of(request: web.Request) -> str:
    """Return the name that stands in timelines for what this request does."""
    return caller(request).who


def _said(write: Callable[..., _Made]) -> Callable[..., _Made]:
    """Return a filter that writes in the language of its page. write: its last argument is the language."""

    @pass_context
    def written(context: Context, *args: object) -> _Made:
        return write(*args, context["tongue"])

    return written


def _told(write: Callable[[str, Language, Times], str]) -> Callable[..., str]:
    """Return a filter that writes a sentence in the language and the zone of its page."""

    @pass_context
    def written(context: Context, text: str) -> str:
        return write(text, context["tongue"], context["times"])

    return written


def _isolated(write: Callable[..., str]) -> Callable[..., Markup]:
    """Return such a filter whose text keeps its direction: `5 Mbit/s` is not to be read as `Mbit/s 5` inside Arabic."""

    @pass_context
    def written(context: Context, *args: object) -> Markup:
        return Markup("<bdi>") + write(*args, context["tongue"]) + Markup("</bdi>")

    return written


def environment(manifest: Manifest) -> Environment:
    """Return what templates are read with: functions and filters that all of them know."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        asset=manifest.url,
        site_words=SITES,
        device_words=DEVICES,
        change_words=CHANGES,
        broken_words=BROKEN,
        break_words=BREAK_WORDS,
    )
    made.filters.update(
        at=words.at,
        age=_said(words.duration),
        browser=browser_of,
        decimal=_said(words.decimal),
        duration=_isolated(words.duration),
        evidence_of=_said(words.evidence),
        checked=_told(checked),
        deed=_told(done),
        details=_said(details),
        way=_said(way),
        expected=_told(expected),
        fault=_told(faultwords.detail),
        length_of=_isolated(words.length),
        number=_said(words.number),
        percent=_said(words.percent),
        quantity=_isolated(words.quantity),
        readable=words.readable,
        shift_of=_isolated(words.shift),
        site_class=_said(class_word),
        unasked=_told(unasked),
        unplayed=_told(unplayed),
    )
    return made
