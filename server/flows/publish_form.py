"""Publishing a form: convert, check, keep the bytes, release. The same source again changes nothing but its files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.changes import Changes, compare, warnings_of
from forms.media import clean_names, media_remarks
from forms.problems import Problem
from forms.schema import FormSchema, read_schema
from server.flows.form_files import GENERATED, schema_of
from server.store import audit, closed_forms, forms
from server.store.forms import FormVersion
from server.store.submissions import Derivation, Submission

if TYPE_CHECKING:
    from forms.publish import PublishedForm


@dataclass(frozen=True)
class Published:
    form_id: str
    version: str
    hash: str
    warnings: tuple[Problem, ...]
    fresh: bool


@dataclass(frozen=True)
class Compared:
    """A form that is not published yet, beside the version in force; ``changes`` is None for a new form."""

    form_id: str
    version: str
    against: str
    changes: Changes | None
    warnings: tuple[Problem, ...]


def publish_form(
    session: Session,
    source: bytes,
    filename: str,
    media: Mapping[str, bytes],
    *,
    now: datetime,
    by: str | None,
) -> Published:
    """Release a form to all collaborators; interviews that waited for this version are read now.

    Raises Problems when the form cannot be published, Problem when its version is taken.
    """
    made, files = converted(source, filename, media)
    known = taken(session, made)
    warnings = (*made.warnings, *remarks(session, made, files))
    if known is not None:
        changed = forms.keep_media(session, known.id, files)
        if changed:
            audit.tell(
                session, now=now, person_id=by, action="form.media", subject=made.form_id, files=changed
            )
        return Published(made.form_id, made.version, made.hash, warnings, bool(changed))
    form = FormVersion(
        form_id=made.form_id,
        version=made.version,
        title=made.title,
        hash=made.hash,
        xform=made.xform,
        source=source,
        source_name=filename,
        state="released",
        published_at=now,
        published_by=by,
    )
    session.add(form)
    session.flush()
    forms.keep_media(session, form.id, files)
    _release_held(session, made.form_id, made.version, now)
    audit.tell(
        session, now=now, person_id=by, action="form.publish", subject=made.form_id, version=made.version
    )
    return Published(made.form_id, made.version, made.hash, warnings, True)


def compare_form(session: Session, source: bytes, filename: str) -> Compared:
    """What this form would change, and what would be warned of; nothing is kept. Raises as publishing does."""
    made, files = converted(source, filename, {})
    taken(session, made)
    against, changes = against_current(session, made.form_id, read_schema(made.xform))
    warnings = (*made.warnings, *remarks(session, made, files))
    return Compared(made.form_id, made.version, against, changes, warnings)


def against_current(session: Session, form_id: str, schema: FormSchema) -> tuple[str, Changes | None]:
    """The version in force and what changes against it; ("", None) for a form that has none."""
    current = forms.current_of(session, form_id)
    if current is None:
        return "", None
    return current.version, compare(schema_of(current), schema)


def converted(
    source: bytes, filename: str, media: Mapping[str, bytes]
) -> tuple[PublishedForm, dict[str, bytes]]:
    """The form and every file beside it, those the conversion made included.

    Doors call it once before they take the write lock: converting a large form takes seconds, and is remembered.
    """
    files = clean_names(media)
    made = _made(source, filename)
    return made, {**dict(made.made), **files}


@lru_cache(maxsize=2)
def _made(source: bytes, filename: str) -> PublishedForm:
    # The converter is heavy and rarely needed: a server that publishes nothing need not load it.
    from forms.publish import publish

    return publish(source, filename)


def already(session: Session, source: bytes, filename: str) -> bool:
    """Whether this very form is published under its version. Raises as publishing does."""
    return taken(session, converted(source, filename, {})[0]) is not None


def taken(session: Session, made: PublishedForm) -> FormVersion | None:
    """The same form if it is published already; raises Problem when the version is another form's."""
    known = forms.find(session, made.form_id, made.version)
    if known is not None and known.hash != made.hash:
        raise Problem("version_taken", form_id=made.form_id, version=made.version)
    return known


def remarks(session: Session, made: PublishedForm, files: Mapping[str, bytes]) -> Iterator[Problem]:
    """What to know before publishing that the form alone does not tell: its files, and what it takes away."""
    schema = read_schema(made.xform)
    if closed_forms.of(session, made.form_id) is not None:
        yield Problem("form_closed", form_id=made.form_id)
    known = forms.find(session, made.form_id, made.version)
    kept = {file.filename: file.content for file in forms.media_of(session, known.id)} if known else {}
    yield from media_remarks(schema, {**kept, **files}, {*GENERATED, *entity_lists(session, schema)})
    if known is None:
        against, changes = against_current(session, made.form_id, schema)
        if changes is not None:
            yield from warnings_of(changes, against)


def entity_lists(session: Session, schema: FormSchema) -> set[str]:
    """Files that come from entities: a list named after what this form or another one registers."""
    schemas = [schema, *(schema_of(form) for form in forms.current(session))]
    return {f"{entity.dataset}.csv" for known in schemas for entity in known.entities}


def _release_held(session: Session, form_id: str, version: str, now: datetime) -> None:
    of_version = sa.select(Submission.id).where(
        Submission.form_id == form_id, Submission.form_version == version
    )
    session.execute(
        sa.update(Derivation)
        .where(Derivation.state == "held", Derivation.submission_id.in_(of_version))
        .values(state="waiting", problem=None, queued_at=now)
    )
