"""Cells become what a model takes."""

from __future__ import annotations

from pathlib import Path

from noc.inventory.columns import columns_of, row_data
from noc.inventory.csvtext import read_table
from noc.inventory.entities import Circuit, DeviceText, Service, Site
from noc.settings.schema import Settings


class Sample(Settings):
    id: str
    number: int = 0
    maybe: float | None = None
    truth: bool = False
    words: tuple[str, ...] = ()


def data_of(folder: Path, model: type[Settings], text: str) -> dict[str, object]:
    path = folder / "t.csv"
    path.write_text(text)
    return dict(row_data(read_table(path)[0], 0, columns_of(model)))


def test_columns_are_properties_and_dots_lead_inside() -> None:
    assert columns_of(Site)["class"] == "text"
    assert columns_of(Site)["latitude"] == "number"
    assert columns_of(Site)["defaults.interval"] == "text"
    assert columns_of(DeviceText)["upstream"] == "list"
    assert columns_of(DeviceText)["snmp_port"] == "number"
    assert columns_of(Circuit)["a.device"] == "text"
    assert columns_of(Service)["formula.all_of"] == "list"
    assert columns_of(Service)["formula.at_least"] == "number"
    assert "site_class" not in columns_of(Site)


def test_cells_get_the_type_of_their_column(tmp_path: Path) -> None:
    text = "id,number,maybe,truth,words\n007,12,-1.5,true,a b  c\n"
    assert data_of(tmp_path, Sample, text) == {
        "id": "007",
        "number": 12,
        "maybe": -1.5,
        "truth": True,
        "words": ["a", "b", "c"],
    }


def test_what_is_of_another_type_stays_text_for_the_model_to_refuse(tmp_path: Path) -> None:
    text = "id,number,maybe,truth,words\n1,twelve,true,yes,x\n"
    assert data_of(tmp_path, Sample, text) == {
        "id": "1",
        "number": "twelve",
        "maybe": "true",
        "truth": "yes",
        "words": ["x"],
    }


def test_empty_cells_are_not_given_and_unknown_columns_are_left(tmp_path: Path) -> None:
    assert data_of(tmp_path, Sample, "id,number,colour\nx,,red\n") == {"id": "x"}


def test_dotted_columns_make_mappings(tmp_path: Path) -> None:
    text = "id,a.device,a.interface,probe.device\nc,d1,Gi0/0,\n"
    assert data_of(tmp_path, Circuit, text) == {"id": "c", "a": {"device": "d1", "interface": "Gi0/0"}}
