"""Publishing a form: convert, check, keep the bytes, release. The same source again changes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.store import audit, forms
from server.store.forms import FormMedia, FormVersion
from server.store.submissions import Derivation, Submission
from sync.digest import form_hash


@dataclass(frozen=True)
class Published:
    form_id: str
    version: str
    hash: str
    warnings: tuple[Problem, ...]
    fresh: bool


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
    # The converter is heavy and rarely needed: a server that publishes nothing need not load it.
    from forms.publish import publish

    made = publish(source, filename)
    known = forms.find(session, made.form_id, made.version)
    if known is not None and known.hash != made.hash:
        raise Problem("version_taken", form_id=made.form_id, version=made.version)
    if known is None:
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
        session.add_all(
            FormMedia(form_version_id=form.id, filename=name, hash=form_hash(content), content=content)
            for name, content in sorted(media.items())
        )
        _release_held(session, made.form_id, made.version, now)
        audit.tell(
            session, now=now, person_id=by, action="form.publish", subject=made.form_id, version=made.version
        )
    return Published(made.form_id, made.version, made.hash, made.warnings, known is None)


def _release_held(session: Session, form_id: str, version: str, now: datetime) -> None:
    of_version = sa.select(Submission.id).where(
        Submission.form_id == form_id, Submission.form_version == version
    )
    session.execute(
        sa.update(Derivation)
        .where(Derivation.state == "held", Derivation.submission_id.in_(of_version))
        .values(state="waiting", problem=None, queued_at=now)
    )
