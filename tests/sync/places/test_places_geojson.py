"""Outlines and points from GeoJSON, feature by feature."""

from __future__ import annotations

import json
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.places.compare import adopt
from sync.places.gazetteer import Gazetteer
from sync.places.geojson import read_geojson
from sync.places.locate import locate
from sync.places.official import official
from sync.places.report import LoadReport
from sync.places.unit import Outline

SQUARE = [[[106.74, 21.78], [106.80, 21.78], [106.80, 21.85], [106.74, 21.85], [106.74, 21.78]]]


def feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def polygon(rings: object = SQUARE, **properties: object) -> dict[str, object]:
    return feature({"type": "Polygon", "coordinates": rings}, **{"code": "05977", **properties})


def point(lon: object, lat: object, **properties: object) -> dict[str, object]:
    return feature({"type": "Point", "coordinates": [lon, lat]}, **properties)


def read(*features: object, places: Gazetteer | None = None, **more: object) -> LoadReport:
    data = json.dumps({"type": "FeatureCollection", "features": features, **more})
    return read_geojson(data.encode(), places or official(), source="bản đồ thử")


def names(report: LoadReport) -> list[tuple[int, str]]:
    return [(finding.line, finding.problem.kind.name) for finding in report.problems]


def noted(report: LoadReport) -> list[tuple[int, str]]:
    return [(finding.line, finding.problem.kind.name) for finding in report.warnings]


def test_an_outline_belongs_to_the_ward_of_its_day() -> None:
    report = read(polygon())
    assert report.ok
    assert report.outlines[0].key == ("05977", date(2025, 7, 1))
    assert report.outlines[0].source == "bản đồ thử"
    old = read(polygon(valid_from="2024-01-01"))
    assert old.outlines[0].key == ("05977", date(2004, 7, 8))
    single = read_geojson(json.dumps(polygon()).encode("utf-8-sig"), official())
    assert len(single.outlines) == 1


def test_an_outline_survives_its_stored_form() -> None:
    (outline,) = read(polygon()).outlines
    again = Outline.from_wkb(outline.code, outline.valid_from, outline.wkb(), outline.source)
    assert again.geometry.equals(outline.geometry)
    assert again.wkb() == outline.wkb()


def test_a_position_is_found_in_an_imported_outline() -> None:
    places = adopt(official(), read(polygon(), point(106.77, 21.82, **VILLAGE)))
    found = locate(places, lat=21.8201, lon=106.77, on=date(2026, 9, 1))
    assert (found.ward, found.village, found.method) == ("05977", "05977.001", "polygon+nearest")


VILLAGE = {"code": "05977.001", "name": "Thôn Thử", "kind": "thon", "ward_code": "05977", "households": 12}


def test_a_point_is_a_new_village_or_a_new_position_of_a_known_one() -> None:
    report = read(point(106.77, 21.82, **VILLAGE))
    (unit,) = report.units
    assert (unit.lat, unit.lon, unit.households) == (21.82, 106.77, 12)
    places = adopt(official(), report)
    (moved,) = read(point(106.775, 21.83, code="05977.001"), places=places).units
    assert (moved.name, moved.lat, moved.lon, moved.households) == ("Thôn Thử", 21.83, 106.775, 12)
    by_id = {**point(106.775, 21.83), "id": "05977.001"}
    assert read(by_id, places=places).units[0].lat == 21.83


def test_a_shape_with_height_holes_and_several_parts() -> None:
    ring = [[x, y, 300.0] for x, y in SQUARE[0]]
    hole = [[106.76, 21.80], [106.77, 21.80], [106.77, 21.81], [106.76, 21.81], [106.76, 21.80]]
    parts = {"type": "MultiPolygon", "coordinates": [[ring, hole]]}
    (outline,) = read(feature(parts, code="05977")).outlines
    assert not outline.geometry.has_z
    assert outline.geometry.area < 0.06 * 0.07


@pytest.mark.parametrize(
    ("wrong", "name"),
    [
        (polygon(code="99999"), "place_ward_unknown"),
        (polygon(code=5977), "place_ward_lost_zero"),
        (polygon(code="05980"), "place_ward_other_time"),
        (polygon(valid_from="hôm nay"), "place_date"),
        (polygon([[[y, x] for x, y in SQUARE[0]]]), "place_swapped"),
        (polygon([[[x * 4000, y * 110000] for x, y in SQUARE[0]]]), "geojson_projection"),
        (polygon([]), "geojson_coordinates"),
        (polygon([[[106.7, 21.8], [106.8, 21.8]]]), "geojson_coordinates"),
        (polygon([[["a", 21.8], [106.8, 21.8], [106.8, 21.9], ["a", 21.8]]]), "geojson_coordinates"),
        (polygon([[[106.7, 21.8], [106.8, 21.8], [106.75, 21.8], [106.7, 21.8]]]), "geojson_coordinates"),
        (polygon("x"), "geojson_coordinates"),
        (feature({"type": "LineString", "coordinates": SQUARE[0]}, code="05977"), "geojson_geometry"),
        (feature(None, code="05977"), "geojson_geometry"),
        ("không phải đối tượng", "geojson_geometry"),
        (point(106.77, 21.82, code="05977.001"), "place_name"),
        (point(21.82, 106.77, **VILLAGE), "place_swapped"),
        (polygon(), "outline_twice"),
    ],
)
def test_a_bad_feature_is_refused_by_its_number(wrong: object, name: str) -> None:
    report = read(polygon(), wrong)
    assert (2, name) in names(report)
    assert {line for line, _ in names(report)} == {2}
    assert report.problems[0].problem.message("vi").startswith("đối tượng 2 (feature 2): ")
    assert not report.ok


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"", "geojson_broken"),
        (b"{", "geojson_broken"),
        (b"\xff\xfe", "geojson_broken"),
        (b"[" * 200_000, "geojson_broken"),
        (b'{"type":"Feature","x":NaN}', "geojson_broken"),
        (b"[]", "geojson_kind"),
        (b'{"type":"Topology"}', "geojson_kind"),
        (b'{"type":"FeatureCollection"}', "geojson_kind"),
        (b'{"type":"FeatureCollection","features":[]}', "places_empty"),
        (
            b'{"type":"FeatureCollection","crs":{"properties":{"name":"urn:ogc:def:crs:EPSG::3405"}},"features":[1]}',
            "geojson_projection",
        ),
    ],
)
def test_a_file_that_is_no_geojson_is_refused_whole(data: bytes, name: str) -> None:
    assert names(read_geojson(data, official())) == [(0, name)]


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326"])
def test_wgs84_by_any_of_its_names(name: str) -> None:
    assert read(polygon(), crs={"type": "name", "properties": {"name": name}}).ok


def test_infinite_coordinates_are_refused() -> None:
    data = json.dumps(polygon()).replace("106.8,", "1e999,").encode()
    assert names(read_geojson(data, official())) == [(1, "geojson_coordinates")]


def test_a_shape_that_crosses_itself_is_repaired_and_noted() -> None:
    bow = [[[106.74, 21.78], [106.80, 21.85], [106.80, 21.78], [106.74, 21.85], [106.74, 21.78]]]
    report = read(polygon(bow))
    assert noted(report) == [(1, "outline_repaired")]
    assert report.outlines[0].geometry.is_valid


def test_a_stray_point_and_an_overlap_are_noted() -> None:
    stray = [[*SQUARE[0][:2], [102.14, 7.18], *SQUARE[0][2:]]]
    assert (1, "outline_outside_box") in noted(read(polygon(stray)))
    assert noted(read(polygon(), polygon(code="06187"))) == [(2, "outline_overlap")]
    beside = [[[x + 0.06, y] for x, y in SQUARE[0]]]
    assert noted(read(polygon(), polygon(beside, code="06187"))) == []


def test_a_village_is_held_against_the_outline_in_the_same_file() -> None:
    report = read(point(106.70, 21.82, **VILLAGE), polygon())
    assert noted(report) == [(1, "place_outside_outline")]


def test_eleven_thousand_outlines_are_read_in_seconds() -> None:
    begin = time.process_time()
    report = read(*(polygon(code="99999") for _ in range(11_000)))
    assert report.problem_count == 11_000
    assert time.process_time() - begin < 30


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["type", "coordinates", "geometry", "code", "crs", "name"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(JSON, st.sampled_from(["Point", "Polygon", "MultiPolygon"]), JSON)
def test_no_tree_breaks_the_reader(coordinates: object, kind: str, properties: object) -> None:
    tree = {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": kind, "coordinates": coordinates},
    }
    read_geojson(json.dumps(tree).encode(), official())
    read_geojson(json.dumps(properties).encode(), official())
