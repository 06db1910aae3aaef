"""The columns that one question gives: its answer, the labels of its codes, a mark for each choice, a point's parts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from forms.read import EntityRef, Row
from forms.schema import Field, FormSchema
from forms.values import Position, Value

Cell = None | str | int | float
Labels = Mapping[str, Mapping[tuple[str, str], Mapping[str, str]]]
"""Of attached lists: file name, then (code column, label column), then labels by code."""
Variants = Sequence[tuple[FormSchema, Field]]

CODED = frozenset({"select_one", "select_multiple", "rank"})
MOST_MARKS = 200
POINT_PARTS = ("latitude", "longitude", "altitude", "accuracy")


@dataclass(frozen=True)
class Column:
    name: str
    of: Callable[[Row], Cell]


def answer_columns(
    name: str, key: str, variants: Variants, labels: Labels, language: str
) -> Iterator[Column]:
    """The columns of a question; ``variants`` are its forms in the versions that have it, newest first."""
    types = {field.type for _, field in variants}
    if types == {"geopoint"}:
        for part in POINT_PARTS:
            yield Column(f"{name}:{part}", _point(key, part))
        return
    yield Column(name, _plain(key))
    if not types & CODED:
        return
    names = _labels(variants, labels, language)
    if names:
        yield Column(f"{name}:label", _labelled(key, names))
    if "select_multiple" in types and len(names) <= MOST_MARKS:
        for code in names:
            yield Column(f"{name}/{code}", _mark(key, code))


def entity_columns(
    name: str, key: str, variants: Variants, labels: Labels, language: str
) -> Iterator[Column]:
    """What a submission does to an entity: its id, whether it is made or changed, and its label."""
    dataset = variants[0][1].dataset
    yield Column(f"{name}:id", _entity(dataset, lambda entity: entity.id or None))
    yield Column(f"{name}:action", _entity(dataset, lambda entity: entity.action))
    yield Column(f"{name}:label", _entity(dataset, lambda entity: entity.label or None))


def cell_of(value: Value) -> Cell:
    """An answer as it stands in a cell: codes parted by blanks, points as OpenRosa writes them."""
    if isinstance(value, Position):
        return _written(value)
    if isinstance(value, tuple):
        if value and isinstance(value[0], Position):
            return "; ".join(_written(point) for point in value if isinstance(point, Position))
        return " ".join(str(code) for code in value)
    return value


def _written(point: Position) -> str:
    parts = (point.lat, point.lon, point.altitude, point.accuracy)
    return " ".join(f"{part:.10g}" for part in parts if part is not None)


def _labels(variants: Variants, labels: Labels, language: str) -> dict[str, str]:
    """Every choice the question ever had, in the newest form's order, each with its newest label."""
    found: dict[str, str] = {}
    for schema, field in variants:
        choices = field.choices
        if choices is None:
            continue
        attached = labels.get(choices.file, {}).get(choices.columns, {}) if choices.file else {}
        for code, label in attached.items():
            found.setdefault(code, label)
        for code in choices.by_value:
            found.setdefault(code, choices.label(code, schema.language(language)))
    return found


def _plain(key: str) -> Callable[[Row], Cell]:
    return lambda row: cell_of(row.values.get(key))


def _codes(value: Value) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(str(code) for code in value)
    return () if value is None else (str(value),)


def _labelled(key: str, names: Mapping[str, str]) -> Callable[[Row], Cell]:
    def of(row: Row) -> Cell:
        codes = _codes(row.values.get(key))
        return "; ".join(names.get(code, code) for code in codes) or None

    return of


def _mark(key: str, code: str) -> Callable[[Row], Cell]:
    """1 or 0 where the question was answered, nothing where it was not."""

    def of(row: Row) -> Cell:
        codes = _codes(row.values.get(key))
        return None if not codes else int(code in codes)

    return of


def _point(key: str, part: str) -> Callable[[Row], Cell]:
    def of(row: Row) -> Cell:
        value = row.values.get(key)
        if not isinstance(value, Position):
            # An answer that is no point is not lost: it stands in the first of the four cells.
            return cell_of(value) if part == POINT_PARTS[0] else None
        return {
            "latitude": value.lat,
            "longitude": value.lon,
            "altitude": value.altitude,
            "accuracy": value.accuracy,
        }[part]

    return of


def _entity(dataset: str, part: Callable[[EntityRef], str | None]) -> Callable[[Row], Cell]:
    def of(row: Row) -> Cell:
        found = next((entity for entity in row.entities if entity.dataset == dataset), None)
        return part(found) if found else None

    return of
