"""What of a drawing is quiet: what nobody has measured yet is no problem."""

from __future__ import annotations

from noc.http.sketches import Sketch, View
from noc.model.present import Word
from noc.sketch import views
from noc.sketch.layout import layout
from noc.web.sketches import drawing_of
from tests.unit.noc.sketch.test_views import WORLD, ways

UNKNOWN = ("circuit/jub", "circuit/nbo", "device/j-sw1", "device/j-sw2", "device/j-sw3")
NEW = ("circuit/jub", "device/j-sw1", "device/j-sw2")


def status(entity: str) -> Word:
    return "unknown" if entity in UNKNOWN else "up"


def test_what_was_never_measured_is_quiet_and_what_was_known_before_is_not() -> None:
    graph = views.site(ways(), status, "site/juba")
    sketch = Sketch(View("site", ("site/juba",)), graph, layout(graph, {}))
    drawing = drawing_of(sketch, WORLD, lambda _: True, NEW.__contains__)
    assert {box.node.key for box in drawing.boxes if box.is_new} == set(NEW) & graph.nodes.keys()
    quiet = {line.edge.lower for line in drawing.lines if line.is_new}
    loud = {line.edge.lower for line in drawing.lines if line.edge.status == "unknown" and not line.is_new}
    assert (quiet, loud) == ({"device/j-sw1", "device/j-sw2"}, {"device/j-sw3"})
    assert drawing.not_up == len(set(UNKNOWN) - set(NEW))
    assert all(drawing.is_new(line.edge) == line.is_new for line in drawing.lines)
