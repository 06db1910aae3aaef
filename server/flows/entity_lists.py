"""Entity lists for follow-up forms, as ODK Collect reads them (entities specification 2024.1): CSV cut to the person's
area with ``name``, ``label``, ``__version`` and the properties that released forms declare, and the answer to its
question which of its entities are gone.

Households and children are given as the office knows them now (``known``); other lists as forms last spoke of them.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from sqlalchemy.orm import Session

from forms.schema import FormSchema
from server.access.rules import Who
from server.flows.known import PROPERTIES, Entry, Known, known
from server.store import entities
from server.store.entities import Entity

COLUMNS = ("name", "label", "__version")
MOST_ASKED = 10_000


def dataset_of(filename: str, schemas: Iterable[FormSchema]) -> str | None:
    """The entity list behind a media file that did not come with the form, or None."""
    name = filename.removesuffix(".csv")
    declared = {field.dataset for schema in schemas for field in schema.entities}
    return name if filename.endswith(".csv") and name in declared else None


def entity_csv(
    session: Session, province: str, dataset: str, who: Who, schemas: Iterable[FormSchema], on: date
) -> bytes:
    """The list as a file; the same entities are the same bytes."""
    declared = dict.fromkeys(
        name
        for schema in schemas
        for field in schema.entities
        if field.dataset == dataset
        for name, _ in field.properties
    )
    columns = dict.fromkeys((*PROPERTIES.get(dataset, ()), *declared))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS, *columns))
    for row in _listed(session, province, dataset, who, on, columns):
        writer.writerow((row.id, row.label, row.version, *(row.properties.get(name, "") for name in columns)))
    return out.getvalue().encode()


def gone(
    session: Session, province: str, dataset: str, who: Who, asked: str, on: date
) -> list[tuple[str, bool]]:
    """For each id of ``a,b,c``: whether it is no longer in this person's list."""
    there = {row.id for row in _listed(session, province, dataset, who, on)}
    ids = dict.fromkeys(part.strip()[:64] for part in asked.split(",")[:MOST_ASKED])
    return [(entity_id, entity_id not in there) for entity_id in ids if entity_id]


def _listed(
    session: Session, province: str, dataset: str, who: Who, on: date, columns: Iterable[str] = ()
) -> list[Entry | Entity]:
    area = None if who.everywhere else tuple(who.area)
    connection = session.connection()
    if dataset not in PROPERTIES:
        return [*entities.listed(connection, province, dataset, area, who.id)]
    entries = _entries(known(session, province, who, on), dataset)
    if set(columns) - set(PROPERTIES[dataset]):
        said = entities.properties(connection, province, dataset, [entry.id for entry in entries])
        entries = [
            replace(entry, properties={**said.get(entry.id, {}), **entry.properties}) for entry in entries
        ]
    loose = entities.listed(connection, province, dataset, area, who.id, unknown=True)
    return sorted([*entries, *loose], key=lambda entry: entry.id)


def _entries(found: Known, dataset: str) -> list[Entry]:
    return found.children if dataset == "child" else [entry for entry, _ in found.households]
