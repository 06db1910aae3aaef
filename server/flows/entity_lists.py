"""Entity lists for follow-up forms, as ODK Collect reads them (entities specification 2024.1): CSV cut to the person's
area with ``name``, ``label``, ``__version`` and the properties that released forms declare, and the answer to its
question which of its entities are gone.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

from sqlalchemy.orm import Session

from forms.schema import FormSchema
from server.access.rules import Who
from server.store import entities
from server.store.entities import Entity

COLUMNS = ("name", "label", "__version")
MOST_ASKED = 10_000


def dataset_of(filename: str, schemas: Iterable[FormSchema]) -> str | None:
    """The entity list behind a media file that did not come with the form, or None."""
    name = filename.removesuffix(".csv")
    known = {field.dataset for schema in schemas for field in schema.entities}
    return name if filename.endswith(".csv") and name in known else None


def entity_csv(
    session: Session, province: str, dataset: str, who: Who, schemas: Iterable[FormSchema]
) -> bytes:
    """The list as a file; the same entities are the same bytes."""
    rows = _of_area(session, province, dataset, who)
    declared = dict.fromkeys(
        name
        for schema in schemas
        for field in schema.entities
        if field.dataset == dataset
        for name, _ in field.properties
    )
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*COLUMNS, *declared))
    for row in rows:
        values = (row.properties.get(name, "") for name in declared)
        writer.writerow((row.id, row.label, row.version, *values))
    return out.getvalue().encode()


def gone(session: Session, province: str, dataset: str, who: Who, asked: str) -> list[tuple[str, bool]]:
    """For each id of ``a,b,c``: whether it is no longer in this person's list."""
    there = {row.id for row in _of_area(session, province, dataset, who)}
    ids = dict.fromkeys(part.strip()[:64] for part in asked.split(",")[:MOST_ASKED])
    return [(entity_id, entity_id not in there) for entity_id in ids if entity_id]


def _of_area(session: Session, province: str, dataset: str, who: Who) -> list[Entity]:
    area = None if who.everywhere else tuple(who.area)
    return entities.listed(session.connection(), province, dataset, area, who.id)
