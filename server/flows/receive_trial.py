"""Keeping an interview that was filled with a draft: byte for byte, apart from all real data, never derived."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from forms.read import Envelope
from server.store import trials
from server.store.trials import TRIALS


def keep_trial(
    connection: Connection,
    envelope: Envelope,
    xml: bytes,
    xml_hash: str,
    files: Iterable[Mapping[str, Any]],
    *,
    province: str,
    person_id: str,
    device_id: str | None,
    now: datetime,
) -> tuple[bool, str, tuple[str, ...], tuple[str, ...]]:
    """Whether it is new, its id, the files still missing, and those that no question names."""
    known = trials.copy_of(connection, province, envelope.instance_id, xml_hash)
    trial_id, had = known or (str(uuid4()), [])
    held = {(entry["filename"], entry["sha256"]): entry for entry in had}
    held |= {(entry["filename"], entry["sha256"]): dict(entry) for entry in files}
    kept = [held[key] for key in sorted(held)]
    own = sa.and_(TRIALS.c.province_code == province, TRIALS.c.id == trial_id)
    if known:
        connection.execute(sa.update(TRIALS).where(own).values(files=kept))
    else:
        connection.execute(
            sa.insert(TRIALS).values(
                province_code=province,
                id=trial_id,
                instance_id=envelope.instance_id,
                form_id=envelope.form_id,
                form_version=envelope.version,
                xml=xml,
                xml_hash=xml_hash,
                files=kept,
                person_id=person_id,
                device_id=device_id,
                received_at=now,
            )
        )
    names = {entry["filename"] for entry in kept}
    return known is None, trial_id, _but(envelope.media, names), _but(sorted(names), envelope.media)


def _but(names: Iterable[str], without: Collection[str]) -> tuple[str, ...]:
    return tuple(name for name in names if name not in without)
