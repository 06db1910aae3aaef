"""The check of every proof: each acknowledged interview is there once, byte for byte, its files too."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from deliveries import Ledger

from server.store.blobs import BlobFolder
from server.store.submissions import ATTACHMENTS, SUBMISSIONS


@dataclass
class Found:
    """What a check saw; ``lost`` and ``doubled`` name instance ids (and files), ``damage`` is the database's word."""

    acknowledged: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.damage)

    def told(self) -> str:
        faults = [f"lost {self.lost[:5]}", f"doubled {self.doubled[:5]}", f"damage {self.damage[:5]}"]
        return f"{self.acknowledged} acknowledged, " + ("all kept" if self.clean else "; ".join(faults))


def check(address: str, blobs: Path, ledger: Ledger, *, only: Iterable[str] | None = None) -> Found:
    """Compare what is kept with what was acknowledged; ``only`` looks at these instance ids."""
    wanted = sorted(ledger.xml) if only is None else sorted(set(only) & set(ledger.xml))
    found = Found(acknowledged=len(wanted))
    engine = sa.create_engine(address)
    try:
        with engine.connect() as connection:
            found.damage = _damage(connection)
            if not found.damage:
                _compare(connection, BlobFolder(blobs), ledger, wanted, found)
    except sa.exc.DatabaseError as error:
        found.damage.append(str(error.orig))
    finally:
        engine.dispose()
    if found.damage:
        found.lost = found.lost or wanted
    return found


def _damage(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    told = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [word for word in told if word != "ok"] + [f"foreign key of {row[0]}" for row in broken]


def _compare(
    connection: sa.Connection, blobs: BlobFolder, ledger: Ledger, wanted: list[str], found: Found
) -> None:
    rows: dict[str, list[tuple[str, str]]] = {}
    query = sa.select(SUBMISSIONS.c.instance_id, SUBMISSIONS.c.id, SUBMISSIONS.c.xml)
    if len(wanted) < 500:
        query = query.where(SUBMISSIONS.c.instance_id.in_(wanted))
    for instance_id, row_id, xml in connection.execute(query):
        rows.setdefault(instance_id, []).append((row_id, hashlib.sha256(xml).hexdigest()))
    files: dict[str, list[tuple[str, str]]] = {}
    for row_id, name, hash_ in connection.execute(
        sa.select(ATTACHMENTS.c.submission_id, ATTACHMENTS.c.filename, ATTACHMENTS.c.sha256)
    ):
        files.setdefault(row_id, []).append((name, hash_))
    for instance_id in wanted:
        kept = rows.get(instance_id, [])
        if [hash_ for _, hash_ in kept] != [ledger.xml[instance_id]]:
            (found.doubled if len(kept) > 1 else found.lost).append(instance_id)
            continue
        there = files.get(kept[0][0], [])
        _compare_files(blobs, instance_id, ledger.files[instance_id], there, found)


def _compare_files(
    blobs: BlobFolder, instance_id: str, wanted: dict[str, str], there: list[tuple[str, str]], found: Found
) -> None:
    for name, hash_ in wanted.items():
        times = there.count((name, hash_))
        if times > 1:
            found.doubled.append(f"{instance_id} {name}")
        elif times == 0 or not _whole(blobs, hash_):
            found.lost.append(f"{instance_id} {name}")


def _whole(blobs: BlobFolder, hash_: str) -> bool:
    try:
        with blobs.open(hash_) as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == hash_
    except OSError:
        return False
