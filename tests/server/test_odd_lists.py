"""Lists of villages as offices really have them, through the command: taken right, or refused with nothing changed."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from commands import office_shell
from commands import run as call
from map_office import load as load_list
from map_office import signed_in
from office import Office, Template

from server.flows.places import gazetteer
from server.store.base import db

HEADER = "code,name,kind,ward_code,lat,lon,households,valid_from\n"
ONE = "05977.001,Thôn Thử Một,thon,05977,21.82,106.77,128,\n"
TWO = "05977.002,Khối Thử Hai,khoi,05977,21.83,106.77,90,\n"
SQUARE = [[[106.74, 21.78], [106.80, 21.78], [106.80, 21.85], [106.74, 21.85], [106.74, 21.78]]]
HOLE = [[106.76, 21.80], [106.77, 21.80], [106.77, 21.81], [106.76, 21.81], [106.76, 21.80]]


def geojson(geometry: object, properties: object = None, **more: object) -> bytes:
    feature = {"type": "Feature", "properties": properties or {"code": "05977"}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more}).encode()


def area(rings: object) -> dict[str, object]:
    return {"type": "Polygon", "coordinates": rings}


@pytest.fixture
def shell(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def load(
    shell: CliRunner, folder: Path, content: bytes, name: str, *words: str
) -> tuple[int, dict[str, Any]]:
    file = folder / name
    file.write_bytes(content)
    result = call(shell, "places", "load", str(file), "--json", *words)
    assert "Traceback" not in result.stderr
    return result.exit_code, json.loads(result.stdout or result.stderr)


def listed(shell: CliRunner) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call(shell, "places", "list", "--json").stdout)
    return found


TAKEN = {
    "one row": (HEADER + ONE).encode(),
    "byte order mark": (HEADER + ONE).encode("utf-8-sig"),
    "UTF-16": (HEADER + ONE).encode("utf-16"),
    "semicolons and decimal commas": (HEADER + ONE)
    .replace(",", ";")
    .replace("21.82", "21,82")
    .replace("106.77", "106,77")
    .encode(),
    "tabs": (HEADER + ONE).replace(",", "\t").encode(),
    "quotes and CRLF": "\r\n".join(
        ",".join(f'"{cell}"' for cell in line.split(",")) for line in (HEADER + ONE).splitlines()
    ).encode(),
    "extra columns": (HEADER.strip() + ",ghi chú\n" + ONE.strip() + ',"một, hai"\n').encode(),
    "words for columns": (
        "Mã,Tên,Loại,Mã xã,Vĩ độ,Kinh độ,Số hộ,Hiệu lực từ\n" + ONE.replace("thon", "Thôn")
    ).encode(),
    "no position": (HEADER + ONE.replace("21.82,106.77", ",")).encode(),
}


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_a_list_is_taken_whoever_saved_it(shell: CliRunner, tmp_path: Path, content: bytes) -> None:
    before = listed(shell)
    code, seen = load(shell, tmp_path, content, "thôn xóm.CSV", "--dry-run")
    assert (code, seen["ok"], seen["loaded"], seen["dry_run"]) == (0, True, False, True)
    assert listed(shell) == before
    code, told = load(shell, tmp_path, content, "thôn xóm.CSV")
    assert (code, told["loaded"], told["rows"], told["accepted"], told["refused_rows"]) == (0, True, 1, 1, 0)
    assert [unit["code"] for unit in told["added"]] == ["05977.001"]
    villages = [unit for unit in listed(shell) if unit["level"] == "village"]
    assert [(unit["code"], unit["name"], unit["households"]) for unit in villages] == [
        ("05977.001", "Thôn Thử Một", 128)
    ]


DRAWN = {
    "several parts": {"type": "MultiPolygon", "coordinates": [SQUARE]},
    "a hole": area([*SQUARE, HOLE]),
    "heights": area([[[x, y, 300.5] for x, y in SQUARE[0]]]),
    "crossing itself": area([[SQUARE[0][0], SQUARE[0][2], SQUARE[0][1], SQUARE[0][3], SQUARE[0][0]]]),
}


@pytest.mark.parametrize("geometry", DRAWN.values(), ids=DRAWN)
def test_an_outline_is_taken_in_any_valid_shape(shell: CliRunner, tmp_path: Path, geometry: object) -> None:
    code, told = load(shell, tmp_path, geojson(geometry), "ranh-gioi.geojson")
    assert (code, told["loaded"], told["rows"], told["outlines"], told["accepted"]) == (0, True, 1, 1, 0)
    place = call(shell, "places", "locate", "--lat", "21.815", "--lon", "106.745", "--json")
    assert json.loads(place.stdout)["ward"] == "05977"


REFUSED = {
    "empty": (b"", "l.csv", "places_empty"),
    "header alone": (HEADER.encode(), "l.csv", "places_empty"),
    "code twice": ((HEADER + ONE + ONE.replace("Một", "Khác")).encode(), "l.csv", "place_code_twice"),
    "name twice": ((HEADER + ONE + ONE.replace(".001", ".009")).encode(), "l.csv", "place_name_twice"),
    "no such ward": (
        (HEADER + ONE + TWO.replace(",05977,", ",01234,")).encode(),
        "l.csv",
        "place_ward_unknown",
    ),
    "swapped": (
        (HEADER + ONE + TWO.replace("21.83,106.77", "106.77,21.83")).encode(),
        "l.csv",
        "place_swapped",
    ),
    "abroad": ((HEADER + ONE + TWO.replace("21.83,106.77", "48.85,2.35")).encode(), "l.csv", "place_abroad"),
    "half a position": ((HEADER + ONE + TWO.replace(",106.77", ",")).encode(), "l.csv", "place_half_point"),
    "wrong day": ((HEADER + ONE + TWO.strip() + "31/02/2026\n").encode(), "l.csv", "place_date"),
    "lost zero": (
        (HEADER + ONE + TWO.replace(",05977,", ",5977,")).encode(),
        "l.csv",
        "place_ward_lost_zero",
    ),
    "old code page": ((HEADER + ONE).encode("cp1258", "replace"), "l.csv", "places_encoding"),
    "a workbook": (b"PK\x03\x04\x14\x00\x06\x00\x08\x00", "l.xlsx", "places_encoding"),
    "metres": (
        geojson(area(SQUARE), crs={"type": "name", "properties": {"name": "EPSG:3405"}}),
        "l.geojson",
        "geojson_projection",
    ),
    "bare geometry": (json.dumps(area(SQUARE)).encode(), "l.geojson", "geojson_kind"),
    "no properties": (geojson(area(SQUARE), {"x": 1}), "l.geojson", "place_ward_unknown"),
    "number for a code": (geojson(area(SQUARE), {"code": 5977}), "l.geojson", "place_ward_lost_zero"),
    "GeoJSON by another name": (b'\xef\xbb\xbf {"type": "Topology"}', "l.txt", "geojson_kind"),
}


@pytest.mark.parametrize(("content", "name", "problem"), REFUSED.values(), ids=REFUSED)
def test_a_refused_list_changes_nothing(
    shell: CliRunner, tmp_path: Path, content: bytes, name: str, problem: str
) -> None:
    before = listed(shell)
    code, seen = load(shell, tmp_path, content, name, "--dry-run")
    assert (code, seen["ok"]) == (0, False)
    assert problem in [finding["name"] for finding in seen["refused"]]
    code, told = load(shell, tmp_path, content, name)
    assert (code, told["problem"]["name"]) == (1, "places_refused")
    (finding,) = [found for found in told["report"]["refused"] if found["name"] == problem]
    assert finding["next"]["vi"]
    assert finding["next"]["en"]
    whole = problem.startswith(("places_", "geojson_"))
    last = seen["rows"] + (1 if name == "l.csv" else 0)
    assert finding["line"] == (0 if whole else last)
    assert listed(shell) == before


def test_a_list_for_a_later_day_says_so_and_leaves_the_one_in_use(office: Office) -> None:
    seen = load_list(office, HEADER + ONE.strip() + "2030-07-01\n")
    assert [finding.problem.kind.name for finding in seen.report.warnings] == ["places_future"]
    with office.app.app_context():
        places = gazetteer(db.session())
        codes = [unit.code for unit in places.villages("05977", on=date(2026, 11, 24))]
        assert codes == ["05977.901", "05977.902", "05977.903"]
        assert [unit.code for unit in places.villages("05977", on=date(2030, 7, 1))] == ["05977.001"]


def test_the_page_takes_and_refuses_the_same(office: Office) -> None:
    admin = signed_in(office)

    def page(content: bytes, name: str) -> str:
        sent = {"file": (io.BytesIO(content), name)}
        answer = admin.post("/admin/places/preview", data=sent)
        assert answer.status_code == 200
        return answer.get_data(as_text=True)

    for content in TAKEN.values():
        assert "Nạp 1 thôn" in page(content, "l.csv")
    for content, name, _ in REFUSED.values():
        assert "Nạp 1 thôn" not in page(content, name)
