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
    "label": 'font-size="11" fill="#55616d"',
    "target-label": 'font-size="11" fill="#1b2530"',
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

    def anchor(self, place: str) -> str:
        """Return the anchor of text: start, middle or end, as people read."""
        # The anchor follows the direction of the page, which the drawing inherits nowhere: it is drawn from the left.
        mirrored = {"start": "end", "end": "start", "middle": "middle"}
        return mirrored[place] if self.language.direction == "rtl" else place

    def text(self, start: float, y: float, said: str, place: str = "start", kind: str = "label") -> str:
        """Return text; place: which of its points is at `start`."""
        return (
            f'<text {_STYLES[kind]} x="{self.x(start)}" y="{y:.1f}" text-anchor="{self.anchor(place)}">'
            f"{escape(said)}</text>"
        )


_POINTS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}


def drawn(chart: Chart, language: Language) -> str:
    """Return a chart as an SVG element."""
    parts = list(_columns(chart, _Pen(language)) if chart.is_time else _rows(chart, _Pen(language)))
    height = _TIME_HEIGHT + _TOP + _BOTTOM if chart.is_time else _ROW * len(chart.bars) + _TOP + _BOTTOM
    title = escape(f"{chart.title}. {chart.said}")
    return (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'aria-label="{title}" direction="ltr">{"".join(parts)}</svg>'
    )


def _share(value: float, chart: Chart) -> float:
    reach = chart.high - chart.low
    return min(max((value - chart.low) / reach, 0.0), 1.0) if reach > 0 else 0.0


def _columns(chart: Chart, pen: _Pen) -> Iterator[str]:
    """Yield bars beside each other: time goes on as people read."""
    area, floor = WIDTH - _SCALE - 8, _TOP + _TIME_HEIGHT
    for share in (0.0, 0.5, 1.0):
        y = floor - share * _TIME_HEIGHT
        value = chart.low + share * (chart.high - chart.low)
        yield f'<line {_STYLES["grid"]} x1="{pen.x(_SCALE)}" x2="{pen.x(WIDTH - 8)}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield pen.text(_SCALE - 8, y + 4, _value(value, chart, pen.language), "end")
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
            yield pen.text(_SCALE + (index + _POINTS[place]) * step, floor + 17, bar.label, place)
    if chart.line is not None:
        y = floor - _share(chart.line, chart) * _TIME_HEIGHT
        yield f'<line {_STYLES["target"]} x1="{pen.x(_SCALE)}" x2="{pen.x(WIDTH - 8)}" y1="{y:.1f}" y2="{y:.1f}"/>'
        said = f"{chart.line_label} {_value(chart.line, chart, pen.language)}"
        yield pen.text(WIDTH - 10, y - 4, said, "end", "target-label")


def _place(index: int, every: int, count: int) -> str:
    """Return which point of a label stands at its bar. every: so many bars have one label."""
    if every == 1:
        return "middle"
    return "start" if index == 0 else "end" if index + every / 2 > count else "middle"


def _rows(chart: Chart, pen: _Pen) -> Iterator[str]:
    """Yield bars below each other, each with its name and value."""
    area = WIDTH - _LABELS - _SCALE - 8
    for index, bar in enumerate(chart.bars):
        y = _TOP + index * _ROW
        yield pen.text(_LABELS - 8, y + 13, bar.label, "end")
        width = 0.0 if bar.value is None else max(1.0, _share(bar.value, chart) * area)
        kind = "below" if chart.line is not None and bar.value is not None and bar.value < chart.line else "bar"
        yield f'<rect {_STYLES[kind]} x="{pen.x(_LABELS, width)}" y="{y}" width="{width:.1f}" height="{_BAR_HEIGHT}"/>'
        yield pen.text(_LABELS + width + 6, y + 13, _value(bar.value, chart, pen.language))
    if chart.line is not None:
        start, end = _LABELS + _share(chart.line, chart) * area, _TOP + _ROW * len(chart.bars)
        yield f'<line {_STYLES["target"]} x1="{pen.x(start)}" x2="{pen.x(start)}" y1="{_TOP - 4}" y2="{end}"/>'
        said = f"{chart.line_label} {_value(chart.line, chart, pen.language)}"
        yield pen.text(start, end + 14, said, "middle", "target-label")


def _value(value: float | None, chart: Chart, language: Language) -> str:
    if value is None:
        return NOTHING
    if chart.unit == "percent":
        return language.percent(value, 1 if value in (chart.low, chart.line) or value >= 100 else 3)
    return shown(value, chart.unit, language, "UTC")
