"""The map: wards and villages shaded by coverage or by a class, from our own GeoJSON; no tiles, no outside address.

The table below the map says the same in figures, for whoever cannot see or run it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, url_for

from exports.privacy import LEAST
from server.access.rules import may
from server.entrance import entrance, who
from server.flows import shading
from server.flows.shading import UNKNOWN, Shade
from server.flows.unit_names import label
from server.pages.area import Area, reader
from server.pages.as_of import area_then, eyes, shared
from server.pages.frame import audited
from server.pages.listing import asked, asked_round
from server.pages.overview import LISTED, registered_households
from server.store import overview
from server.store.base import db
from server.store.exact_points import exact_points
from sync.places.gazetteer import Gazetteer
from sync.places.unit import Key, Unit

COVERAGE = "coverage"
BY = (COVERAGE, *LISTED)
# Half a thousandth of a degree is about 50 m: enough for the eye, a hundredth of the bytes.
SIMPLER = 0.0005
DIGITS = 5

blueprint = Blueprint("coverage_map", __name__, url_prefix="/map")


@dataclass(frozen=True)
class Line:
    """One ward or village of the map and of the table under it."""

    unit: Unit | None
    ward: str
    shade: Shade


@blueprint.get("")
@entrance("see_records")
def show() -> str:
    session, person = db.session(), reader()
    round_id, chosen, known = asked_round(session, all_too=False)
    places, by = area_then(), asked("by", BY) or COVERAGE
    lines = _lines(places, round_id, by) if chosen else []
    audited(person, "map.view", round_id or "none", by=by, on=eyes().on.isoformat())
    return render_template(
        "coverage_map.html",
        place="coverage_map",
        chosen=chosen,
        rounds=known,
        by=by,
        choices=BY,
        lines=lines,
        drawable=any(line.unit and line.unit.lat is not None for line in lines) or bool(_drawn(places)),
        outlined=bool(_drawn(places)),
        least=LEAST,
        may_see_points=may(who(), "see_positions"),
        area=places,
        **shared(),
    )


@blueprint.get("/units.geojson")
@entrance("see_records")
def units() -> Response:
    """Wards and villages with their shades, as the page asks for them."""
    round_id, _chosen, _known = asked_round(db.session(), all_too=False)
    places, by = area_then(), asked("by", BY) or COVERAGE
    lines = _lines(places, round_id, by)
    drawn = _drawn(places)
    features = [_feature(line, drawn) for line in lines if line.unit is not None]
    return _geojson([feature for feature in features if feature["geometry"] is not None])


@blueprint.get("/households.geojson")
@entrance("see_positions")
def households() -> Response:
    """The exact positions; who asked for them, and how many there were, is told to the audit log."""
    round_id, _chosen, _known = asked_round(db.session(), all_too=False)
    person = reader()
    points = exact_points(db.session(), round_id, person)
    audited(person, "map.households", round_id or "none", rows=len(points))
    return _geojson(
        [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": [point.lon, point.lat]},
                "properties": {
                    "page": url_for("submissions.show", submission_id=point.submission_id),
                    "accuracy": point.accuracy,
                },
            }
            for point in points
        ]
    )


def _lines(places: Area, round_id: str, by: str) -> list[Line]:
    session, person, place = db.session(), reader(), eyes().place
    if by == COVERAGE:
        visited: dict[tuple[str, str], int] = defaultdict(int)
        for entry in overview.visits(session, round_id, person, place):
            visited[(entry.ward or "", entry.village or "")] += entry.households
        return _coverage_lines(places, visited)
    children: dict[str, list[tuple[str | None, str, int]]] = defaultdict(list)
    for found in overview.classes(session, round_id, person, place):
        children[found.ward or ""].append((found.village, found.class_, found.children))
    return _class_lines(places, children, by)


def _coverage_lines(places: Area, visited: dict[tuple[str, str], int]) -> list[Line]:
    lines: list[Line] = []
    for ward, villages in places.wards:
        own = sum(number for (code, _), number in visited.items() if code == ward.code)
        lines.append(Line(ward, ward.code, shading.coverage(own, registered_households(ward, villages))))
        for village in villages:
            number = visited.get((ward.code, village.code), 0)
            lines.append(Line(village, ward.code, shading.coverage(number, village.households)))
    known = {ward.code for ward, _ in places.wards}
    others = sum(number for (code, _), number in visited.items() if code not in known)
    return [*lines, *([Line(None, "", shading.coverage(others, None))] if others else [])]


def _class_lines(places: Area, children: dict[str, list[tuple[str | None, str, int]]], by: str) -> list[Line]:
    lines: list[Line] = []
    for ward, villages in places.wards:
        whole, each = shading.of_class(children.get(ward.code, ()), by)
        lines.append(Line(ward, ward.code, whole))
        lines += [Line(village, ward.code, each.get(village.code, UNKNOWN)) for village in villages]
    return lines


def _drawn(places: Area) -> dict[Key, Any]:
    keys = tuple(ward.key for ward, _ in places.wards)
    return _simplified(places.places, keys)


@lru_cache(maxsize=8)
def _simplified(places: Gazetteer, keys: tuple[Key, ...]) -> dict[Key, Any]:
    """The outlines of these wards for the eye: fewer corners, common borders kept common."""
    import shapely
    from shapely.errors import GEOSException

    wanted = set(keys)
    outlines = [outline for outline in places.outlines if outline.key in wanted]
    shapes = [outline.geometry for outline in outlines]
    try:
        simple = list(shapely.coverage_simplify(shapes, SIMPLER)) if shapes else []
    except GEOSException:
        simple = [shapely.simplify(shape, SIMPLER) for shape in shapes]
    return {
        outline.key: _rounded(shapely.geometry.mapping(shape))
        for outline, shape in zip(outlines, simple, strict=True)
    }


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _rounded(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(entry) for entry in value]
    return round(value, DIGITS) if isinstance(value, float) else value


def _feature(line: Line, drawn: dict[Key, Any]) -> dict[str, Any]:
    unit, shade = line.unit, line.shade
    assert unit is not None
    geometry = drawn.get(unit.key)
    if unit.level == "village" and unit.lat is not None and unit.lon is not None:
        geometry = {"type": "Point", "coordinates": [round(unit.lon, DIGITS), round(unit.lat, DIGITS)]}
    return {
        "type": "Feature",
        "geometry": geometry,
        "properties": {
            "code": unit.code,
            "name": label(unit),
            "level": unit.level,
            "share": None if shade.share is None else round(shade.share, 4),
            "part": shade.part,
            "whole": shade.whole,
            "state": shade.state,
        },
    }


def _geojson(features: list[dict[str, Any]]) -> Response:
    answer: Response = jsonify(type="FeatureCollection", features=features)
    answer.content_type = "application/geo+json"
    return answer
