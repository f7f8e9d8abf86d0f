"""Charts as SVG, drawn to be read on paper and on a screen, mirrored where people read from the right. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from noc.i18n.language import Language
from noc.reports.frame.document import Chart
from noc.reports.render.cells import NOTHING, shown

WIDTH: Final = 720
_BAR_HEIGHT: Final = 18
_ROW: Final = 24
_TIME_HEIGHT: Final = 190
_LABELS: Final = 170
_SCALE: Final = 76
_TOP: Final = 14
_BOTTOM: Final = 26
_LABELS_OF_TIME: Final = 6

# As attributes: WeasyPrint draws by these, and not by the style of the page.
_STYLES: Final = {
    "grid": 'stroke="#cdd5dc" stroke-width="1"',
    "target": 'stroke="#1b2530" stroke-width="1.2" stroke-dasharray="5 3"',
    "bar": 'fill="#1f5f99"',
    "below": 'fill="#b3392f"',
    "unseen": 'fill="#e4e8ec"',
}


@dataclass(frozen=True, slots=True)
class _Pen:
    """Places things from the side where people begin to read."""

    language: Language

    def x(self, start: float, width: float = 0) -> str:
        """Return the left edge of what begins at `start`."""
        return f"{WIDTH - start - width if self.language.direction == 'rtl' else start:.1f}"


@dataclass(frozen=True, slots=True)
class _Label:
    """Words beside the drawing. start, y: of the point that `place` says, as people read; y is the line's middle."""

    start: float
    y: float
    said: str
    place: str = "start"
    kind: str = "label"

    def html(self, height: float, direction: str) -> str:
        """Return it as an element that lies over the drawing, which is so high."""
        near, far = ("right", "left") if direction == "rtl" else ("left", "right")
        share = 100 * self.start / WIDTH
        side = f"{far}:{100 - share:.2f}%" if self.place == "end" else f"{near}:{share:.2f}%"
        return (
            f'<span class="{self.kind} {self.place}" style="{side};top:{100 * self.y / height:.2f}%">'
            f"<bdi>{escape(self.said)}</bdi></span>"
        )


def drawn(chart: Chart, language: Language) -> str:
    """Return a chart as HTML: bars as SVG, and words over it, as WeasyPrint doesn't shape the words of an SVG."""
    pen = _Pen(language)
    parts = list(_columns(chart, pen) if chart.is_time else _rows(chart, pen))
    height = _TIME_HEIGHT + _TOP + _BOTTOM if chart.is_time else _ROW * len(chart.bars) + _TOP + _BOTTOM
    shapes = "".join(part for part in parts if isinstance(part, str))
    labels = "".join(part.html(height, language.direction) for part in parts if isinstance(part, _Label))
    return (
        f'<div class="chart" role="img" aria-label="{escape(f"{chart.title}. {chart.said}")}">'
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}">{shapes}</svg>{labels}</div>'
    )


_POINTS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}


def _share(value: float, chart: Chart) -> float:
    reach = chart.high - chart.low
    return min(max((value - chart.low) / reach, 0.0), 1.0) if reach > 0 else 0.0


def _columns(chart: Chart, pen: _Pen) -> Iterator[str | _Label]:
    """Yield bars beside each other: time goes on as people read."""
    area, floor = WIDTH - _SCALE - 8, _TOP + _TIME_HEIGHT
    for share in (0.0, 0.5, 1.0):
        y = floor - share * _TIME_HEIGHT
        value = chart.low + share * (chart.high - chart.low)
        yield f'<line {_STYLES["grid"]} x1="{pen.x(_SCALE)}" x2="{pen.x(WIDTH - 8)}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield _Label(_SCALE - 8, y, _on_scale(value, chart, pen.language), "end")
    step = area / max(1, len(chart.bars))
    every = -(-len(chart.bars) // _LABELS_OF_TIME) if chart.bars else 1
    for index, bar in enumerate(chart.bars):
        start, width = _SCALE + index * step + step * 0.12, step * 0.76
        if bar.value is None:
            place = f'x="{pen.x(start, width)}" y="{_TOP}"'
            yield f'<rect {_STYLES["unseen"]} {place} width="{width:.1f}" height="{_TIME_HEIGHT}"/>'
        else:
            high = max(1.0, _share(bar.value, chart) * _TIME_HEIGHT)
            kind = "below" if chart.line is not None and bar.value < chart.line else "bar"
            yield (
                f'<rect {_STYLES[kind]} x="{pen.x(start, width)}" y="{floor - high:.1f}" width="{width:.1f}" '
                f'height="{high:.1f}"><title>{escape(bar.label)}: {escape(_value(bar.value, chart, pen.language))}'
                "</title></rect>"
            )
        if index % every == 0:
            # Long labels of narrow bars stay inside the drawing.
            place = _place(index, every, len(chart.bars))
            yield _Label(_SCALE + (index + _POINTS[place]) * step, floor + 12, bar.label, place)
    if chart.line is not None:
        y = floor - _share(chart.line, chart) * _TIME_HEIGHT
        yield f'<line {_STYLES["target"]} x1="{pen.x(_SCALE)}" x2="{pen.x(WIDTH - 8)}" y1="{y:.1f}" y2="{y:.1f}"/>'
        said = f"{chart.line_label} {_value(chart.line, chart, pen.language)}"
        yield _Label(WIDTH - 10, y - 8, said, "end", "target-label")


def _place(index: int, every: int, count: int) -> str:
    """Return which point of a label stands at its bar. every: so many bars have one label."""
    if every == 1:
        return "middle"
    return "start" if index == 0 else "end" if index + every / 2 > count else "middle"


def _rows(chart: Chart, pen: _Pen) -> Iterator[str | _Label]:
    """Yield bars below each other, each with its name and value."""
    area = WIDTH - _LABELS - _SCALE - 8
    for index, bar in enumerate(chart.bars):
        y = _TOP + index * _ROW
        yield _Label(_LABELS - 8, y + _BAR_HEIGHT / 2, bar.label, "end")
        width = 0.0 if bar.value is None else max(1.0, _share(bar.value, chart) * area)
        kind = "below" if chart.line is not None and bar.value is not None and bar.value < chart.line else "bar"
        yield f'<rect {_STYLES[kind]} x="{pen.x(_LABELS, width)}" y="{y}" width="{width:.1f}" height="{_BAR_HEIGHT}"/>'
        yield _Label(_LABELS + width + 6, y + _BAR_HEIGHT / 2, _value(bar.value, chart, pen.language))
    if chart.line is not None:
        start, end = _LABELS + _share(chart.line, chart) * area, _TOP + _ROW * len(chart.bars)
        yield f'<line {_STYLES["target"]} x1="{pen.x(start)}" x2="{pen.x(start)}" y1="{_TOP - 4}" y2="{end}"/>'
        said = f"{chart.line_label} {_value(chart.line, chart, pen.language)}"
        yield _Label(start, end + 10, said, "middle", "target-label")


def _on_scale(value: float, chart: Chart, language: Language) -> str:
    is_short = chart.unit == "percent" and (value * 10).is_integer()
    return language.percent(value, 1) if is_short else _value(value, chart, language)


def _value(value: float | None, chart: Chart, language: Language) -> str:
    if value is None:
        return NOTHING
    if chart.unit == "percent":
        return language.percent(value, 1 if value in (chart.low, chart.line) or value >= 100 else 3)
    return shown(value, chart.unit, language, "UTC")
