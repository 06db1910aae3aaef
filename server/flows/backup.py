"""One file that holds the whole office, made while the server runs; and the office made again from it.

The file is a zip: ``database.db`` (an embedded database whatever the office uses, so that a backup moves between the
two kinds), ``attachments/<hash>``, the key that signs cookies, and ``manifest.json`` with the counts and hashes that
restoring proves again. It holds personal data: only the server's own user can read it.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows.verify import hash_of
from server.store import copying, raw_rows, schema
from server.store.blobs import CHUNK, Blobs, keep_once
from server.store.copying import Proof, TableProof

DATABASE, MANIFEST, KEY, ATTACHMENTS = "database.db", "manifest.json", "secret.key", "attachments/"
FORMAT = 1


@dataclass(frozen=True)
class Summary:
    """What a backup holds."""

    made_at: str
    revision: str
    attachments: int
    attachment_bytes: int
    tables: dict[str, int]


def back_up(engine: Engine, blobs: Blobs, key: Path, out: Path, *, now: datetime) -> Summary:
    """Write the backup; it appears under its name only when it is whole and on the disk."""
    if out.exists():
        raise Problem("backup_exists", file=out)
    part = out.with_name(f"{out.name}.part")
    try:
        with TemporaryDirectory(dir=out.parent, prefix=".mangnon-") as folder:
            copy = Path(folder) / DATABASE
            copying.snapshot(engine, copy)
            with _private(part) as target, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as pack:
                summary = _fill(pack, copy, blobs, key, now)
        os.replace(part, out)
        _sync(out.parent)
    finally:
        part.unlink(missing_ok=True)
    return summary


def read_manifest(pack: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest; refuses what is not one of our backups."""
    try:
        manifest: dict[str, Any] = json.loads(pack.read(MANIFEST))
    except (KeyError, ValueError, zipfile.BadZipFile):
        raise Problem("backup_damaged", what=MANIFEST) from None
    if manifest.get("format") != FORMAT:
        raise Problem("backup_newer")
    return manifest


@contextmanager
def opened(file: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(file) as pack:
            yield pack
    except (zipfile.BadZipFile, EOFError):
        raise Problem("backup_damaged", what=file.name) from None
    except FileNotFoundError:
        raise Problem("file_unreadable", file=file.name) from None


def unpack_database(pack: zipfile.ZipFile, manifest: dict[str, Any], path: Path) -> None:
    """The database of the backup as a file, proved against the manifest and brought to today's migrations."""
    with pack.open(DATABASE) as source, path.open("xb") as target:
        copyfileobj(source, target, CHUNK)
    with path.open("rb") as written:
        if hash_of(written)[0] != manifest["database"]:
            raise Problem("backup_damaged", what=DATABASE)
    engine = copying.embedded_engine(path)
    try:
        with copying.reading(engine) as connection:
            if copying.integrity(connection):
                raise Problem("backup_damaged", what=DATABASE)
        schema.upgrade(engine)
        if manifest["revision"] == schema.head():
            _compare(engine, manifest)
    except schema.RevisionUnknown:
        raise Problem("backup_newer") from None
    finally:
        engine.dispose()
    copying.settle(path)


def restore_attachments(pack: zipfile.ZipFile, manifest: dict[str, Any], blobs: Blobs | None) -> int:
    """Keep every attachment under its hash; with no store given, only prove that each has its bytes."""
    count = 0
    for name in (name for name in pack.namelist() if name.startswith(ATTACHMENTS)):
        wanted = name.removeprefix(ATTACHMENTS)
        with pack.open(name) as source:
            found = hash_of(source)[0]  # type: ignore[arg-type]
        if found != wanted:
            raise Problem("backup_damaged", what=name)
        if blobs is not None:
            with pack.open(name) as source:
                blobs.put(source)  # type: ignore[arg-type]
        count += 1
    if count != manifest["attachments"]:
        raise Problem("backup_damaged", what=ATTACHMENTS)
    return count


def restore_key(pack: zipfile.ZipFile, key: Path) -> None:
    if KEY in pack.namelist():
        keep_once(key, pack.read(KEY))


def proof_in(manifest: dict[str, Any]) -> Proof:
    return {name: TableProof(**entry) for name, entry in manifest["tables"].items()}


def _fill(pack: zipfile.ZipFile, copy: Path, blobs: Blobs, key: Path, now: datetime) -> Summary:
    engine = copying.embedded_engine(copy)
    try:
        with copying.reading(engine) as connection:
            tables = copying.proof(connection)
            revision = schema.revision(connection)
        with Session(engine) as session:
            count, size = _attachments(pack, blobs, session)
    finally:
        engine.dispose()
    copying.settle(copy)
    with copy.open("rb") as source:
        database = hash_of(source)[0]
    pack.write(copy, DATABASE)
    if key.exists():
        pack.write(key, KEY)
    manifest = {
        "format": FORMAT,
        "made_at": now.isoformat(),
        "revision": revision,
        "database": database,
        "attachments": count,
        "attachment_bytes": size,
        "tables": {name: asdict(entry) for name, entry in tables.items()},
    }
    pack.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return Summary(
        now.isoformat(), revision, count, size, {name: entry.rows for name, entry in tables.items()}
    )


def _attachments(pack: zipfile.ZipFile, blobs: Blobs, session: Session) -> tuple[int, int]:
    """Photos are packed already: they are stored as they are."""
    count, size = 0, 0
    for name, _size in raw_rows.referenced_blobs(session):
        entry = zipfile.ZipInfo(f"{ATTACHMENTS}{name}")
        with _lost_told(blobs, name) as source, pack.open(entry, "w", force_zip64=True) as target:
            copyfileobj(source, target, CHUNK)
        count += 1
        size += entry.file_size
    return count, size


def _lost_told(blobs: Blobs, name: str) -> BinaryIO:
    try:
        return blobs.open(name)
    except FileNotFoundError:
        raise Problem("attachment_lost") from None


def _compare(engine: Engine, manifest: dict[str, Any]) -> None:
    with copying.reading(engine) as connection:
        tables = copying.differing(copying.proof(connection), proof_in(manifest))
    if tables:
        raise Problem("backup_damaged", what=", ".join(tables))


@contextmanager
def _private(path: Path) -> Iterator[Any]:
    """A file for the server's own user, on the disk when it is closed."""
    path.unlink(missing_ok=True)
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
