"""Outlines of wards and points of villages from GeoJSON: bytes -> LoadReport, each finding by its feature.

A polygon carries the ``code`` of its ward and, if wanted, ``valid_from``. A point either is a new village,
with the properties that a CSV row has, or gives a village that is known by its ``code`` another position.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely.errors import GEOSException
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from forms.problems import Problem
from sync.places.csv_text import decoded
from sync.places.gazetteer import Gazetteer
from sync.places.headers import columns_of
from sync.places.load import gathered, refuse_twins, warn_of_place
from sync.places.official import official_country
from sync.places.report import Finding, LoadReport, report
from sync.places.rows import Row, Village, find_ward, read_day, read_position, read_village, shown, swapped
from sync.places.unit import Outline, Unit

_MOST_BYTES = 128 * 1024 * 1024
_MOST_FEATURES = 100_000
_POLYGONS = ("Polygon", "MultiPolygon")
_WGS84 = re.compile(r"(CRS:?84|EPSG:+4326|OGC:+(1\.3:)?CRS84|OGC:1\.3:CRS84)$", re.IGNORECASE)
# A shared border drawn twice may overlap by a sliver; more than this share of the smaller ward is an error.
_MOST_OVERLAP = 0.01


@dataclass
class _Read:
    """What the features have given so far."""

    rows: list[Row] = field(default_factory=list)
    villages: list[tuple[Row, Village]] = field(default_factory=list)
    outlines: list[tuple[Row, Outline]] = field(default_factory=list)


def read_geojson(data: bytes, gazetteer: Gazetteer, *, source: str = "") -> LoadReport:
    """What a GeoJSON would bring to this gazetteer. Never raises for what the file holds."""
    try:
        features = _features(data)
    except Problem as problem:
        return report(problems=[Finding(0, problem)])
    read = _Read()
    for number, feature in enumerate(features, start=1):
        _read_feature(read, number, feature, gazetteer, source)
    refuse_twins(read.villages)
    _check_outlines(read.outlines)
    outlines = [outline for row, outline in read.outlines if not row.problems]
    _warn_of_places(read, gazetteer, outlines)
    villages = [village for row, village in read.villages if not row.problems]
    return replace(gathered(read.rows, villages, []), outlines=tuple(outlines))


def _features(data: bytes) -> list[object]:
    text = decoded(data, most_bytes=_MOST_BYTES)
    try:
        tree = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Problem("geojson_broken") from None
    if not isinstance(tree, dict):
        raise Problem("geojson_kind", found=type(tree).__name__)
    _check_projection(tree)
    features = [tree] if tree.get("type") == "Feature" else tree.get("features")
    if tree.get("type") not in ("Feature", "FeatureCollection") or not isinstance(features, list):
        raise Problem("geojson_kind", found=shown(str(tree.get("type"))))
    if not features:
        raise Problem("places_empty")
    if len(features) > _MOST_FEATURES:
        raise Problem("places_too_big", limit=_MOST_FEATURES)
    return features


def _no_constant(name: str) -> float:
    raise ValueError(name)


def _check_projection(tree: Mapping[str, object]) -> None:
    """An older GeoJSON may name a projection; anything but WGS84 would put the ward on another continent."""
    crs = tree.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if name is not None and not _WGS84.search(str(name)):
        raise Problem("geojson_projection", found=shown(str(name)))


def _read_feature(read: _Read, number: int, feature: object, gazetteer: Gazetteer, source: str) -> None:
    cells = _cells(feature)
    row = Row(number, f"đối tượng {number} (feature {number})", cells)
    read.rows.append(row)
    geometry = _geometry(row, feature)
    if geometry is None:
        return
    if geometry.geom_type in _POLYGONS:
        outline = _outline(row, geometry, gazetteer, source)
        if outline is not None:
            read.outlines.append((row, outline))
        return
    row.cells = {**cells, "lat": f"{geometry.y:.9f}", "lon": f"{geometry.x:.9f}"}
    village = _village(row, gazetteer, source)
    if village is not None:
        read.villages.append((row, village))


def _cells(feature: object) -> dict[str, str]:
    """The properties of a feature as cells; its id serves as the code where no property does."""
    if not isinstance(feature, dict):
        return {}
    properties = feature.get("properties")
    cells = {"code": _text(feature.get("id"))}
    if isinstance(properties, dict):
        names = columns_of([str(key) for key in properties])
        cells.update({name: _text(value) for name, value in zip(names, properties.values(), strict=True)})
    return cells


def _text(value: object) -> str:
    if value is None or isinstance(value, list | dict):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _geometry(row: Row, feature: object) -> BaseGeometry | None:
    """The point or polygon of a feature, flat and finite."""
    found = feature.get("geometry") if isinstance(feature, dict) else None
    kind = found.get("type") if isinstance(found, dict) else None
    if kind not in ("Point", *_POLYGONS):
        row.refuse("geojson_geometry", found=shown(str(kind)))
        return None
    try:
        geometry = shapely.force_2d(shape(found))
        empty = geometry.is_empty or not bool(np.isfinite(shapely.get_coordinates(geometry)).all())
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, RecursionError, GEOSException):
        empty = True
    if empty:
        row.refuse("geojson_coordinates")
        return None
    return geometry


def _village(row: Row, gazetteer: Gazetteer, source: str) -> Village | None:
    known = [unit for unit in gazetteer.versions(row.cell("code")) if unit.valid_to is None]
    if not known or known[0].level != "village" or "name" in row.cells:
        return read_village(row, gazetteer, source)
    lat, lon = read_position(row, gazetteer)
    return None if row.problems else Village(replace(known[0], lat=lat, lon=lon, source=source), ())


def _outline(row: Row, geometry: BaseGeometry, gazetteer: Gazetteer, source: str) -> Outline | None:
    day = row.cell("valid_from")
    since = read_day(day) if day else None
    if day and since is None:
        row.refuse("place_date", value=shown(day))
    ward = find_ward(row, gazetteer, row.cell("code") or row.cell("ward_code"), since)
    if ward is None or row.problems or not _sane(row, geometry, gazetteer):
        return None
    if not geometry.is_valid:
        geometry = _repaired(geometry)
        row.warn("outline_repaired", code=ward.code)
    if geometry.is_empty or geometry.area == 0:
        row.refuse("geojson_coordinates")
        return None
    _warn_of_box(row, geometry, ward, gazetteer)
    return Outline(ward.code, ward.valid_from, geometry, source)


def _sane(row: Row, geometry: BaseGeometry, gazetteer: Gazetteer) -> bool:
    west, south, east, north = geometry.bounds
    middle = geometry.envelope.centroid
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 180:
        row.refuse("geojson_projection", found=f"x={west:.0f}, y={south:.0f}")
    elif swapped(gazetteer, middle.y, middle.x) or max(abs(south), abs(north)) > 90:
        row.refuse("place_swapped", lat=round(middle.y, 4), lon=round(middle.x, 4))
    elif not official_country().holds(middle.y, middle.x):
        row.refuse("place_abroad", lat=round(middle.y, 4), lon=round(middle.x, 4))
    return not row.problems


def _repaired(geometry: BaseGeometry) -> BaseGeometry:
    """The valid polygons of a geometry that crosses itself."""
    parts = shapely.get_parts(shapely.make_valid(geometry))
    flat = [piece for part in parts for piece in shapely.get_parts(part) if piece.geom_type == "Polygon"]
    joined: BaseGeometry = shapely.union_all(flat)
    return joined


def _warn_of_box(row: Row, geometry: BaseGeometry, ward: Unit, gazetteer: Gazetteer) -> None:
    """Public copies of ward outlines carry a stray point far out at sea; their bounds give it away."""
    west, south, east, north = geometry.bounds
    for box in gazetteer.boxes:
        if box.key == ward.key:
            margin = 0.5 * max(box.east - box.west, box.north - box.south)
            frame = (box.west - margin, box.south - margin, box.east + margin, box.north + margin)
            if west < frame[0] or south < frame[1] or east > frame[2] or north > frame[3]:
                row.warn("outline_outside_box", code=ward.code)


def _check_outlines(outlines: list[tuple[Row, Outline]]) -> None:
    seen: dict[tuple[str, object], Row] = {}
    for row, outline in outlines:
        first = seen.setdefault(outline.key, row)
        if first is not row:
            row.refuse("outline_twice", code=outline.code, feature=first.number)
    kept = [(row, outline) for row, outline in outlines if not row.problems]
    shapes = np.array([outline.geometry for _, outline in kept], dtype=object)
    for i, j in shapely.STRtree(shapes).query(shapes, predicate="intersects").T:
        if i < j and kept[i][1].valid_from == kept[j][1].valid_from and _overlap(shapes[i], shapes[j]):
            kept[j][0].warn("outline_overlap", code=kept[j][1].code, other=kept[i][1].code)


def _overlap(one: BaseGeometry, other: BaseGeometry) -> bool:
    common = float(shapely.intersection(one, other).area)
    return common > _MOST_OVERLAP * min(float(one.area), float(other.area))


def _warn_of_places(read: _Read, gazetteer: Gazetteer, outlines: list[Outline]) -> None:
    drawn = {outline.key for outline in outlines}
    kept = [outline for outline in gazetteer.outlines if outline.key not in drawn]
    after = gazetteer.with_(outlines=[*kept, *outlines]) if outlines else gazetteer
    for row, village in read.villages:
        warn_of_place(row, after, village.unit)
