"""Every kept submission as files, byte for byte, so that the office's data are never locked in.

``OUT/<instance id>/submission.xml`` is what counts, its attachments beside it; under ``versions/<n>/version.xml``
stand the earlier and the conflicting versions, with their attachments. Everything sent under an instance id is found
in the folder of that id; what an edit has replaced stands with the edit as well. What was refused, but kept for an
officer, is in a folder of its own. So is what was filled with a draft: ``trial interviews/<form>/<version>/<instance
id>/trial.xml``, under another name than real interviews have, so that no search for these finds it.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.store import raw_rows
from server.store.blobs import Blobs
from server.store.raw_rows import Copy, TrialCopy
from server.store.submissions import KnownFile
from sync.text import nfc

# The blank cannot come from an instance id: those are url-quoted.
ASIDE, TRIALS = "set aside", "trial interviews"
LONGEST = 200
MAIN, TRIAL, VERSION, VERSIONS = "submission.xml", "trial.xml", "version.xml", "versions"


@dataclass
class Written:
    """How much was written; ``missing`` names attachments whose bytes are gone."""

    submissions: int = 0
    versions: int = 0
    attachments: int = 0
    set_aside: int = 0
    trials: int = 0
    missing: list[str] = field(default_factory=list)


def write_raw(session: Session, blobs: Blobs, out: Path) -> Written:
    """Write all of it below ``out``, which must be new or empty. Memory holds one interview at a time."""
    _prepare(out)
    done = Written()
    try:
        for copies in raw_rows.records(session):
            _record(session, blobs, _folder(out, copies[0].instance_id), copies, done)
        for row in raw_rows.set_aside(session):
            _aside(out / ASIDE / row.id, row)
            done.set_aside += 1
        for tried in raw_rows.trials(session):
            _trial(session, blobs, out / TRIALS, tried, done)
    except OSError:
        raise Problem("out_unwritable", folder=out) from None
    return done


def folder_name(instance_id: str) -> str:
    """The instance id without ``uuid:``, url-quoted; never a step out of the folder, never too long for a disk."""
    name = quote(instance_id.removeprefix("uuid:"), safe="")
    if set(name) <= {"."}:
        name = name.replace(".", "%2E") or "%"
    return name if len(name) <= LONGEST else f"{name[:LONGEST]}~{_mark(instance_id)}"


def safe_name(filename: str) -> str:
    """A file name that is only a name, on every system."""
    name = "".join("_" if ord(sign) < 32 or sign in '/\\:*?"<>|\x7f' else sign for sign in nfc(filename))
    stem, ending = os.path.splitext(name.strip(" ."))
    ending = ending[:20]
    while len((stem + ending).encode()) > LONGEST:
        stem = stem[:-1]
    return stem + ending or "_"


def free_name(filename: str, sha256: str, taken: set[str]) -> str:
    """A name nobody in this folder has; other bytes under the same name carry a piece of their hash."""
    name = safe_name(filename)
    if name.casefold() in taken:
        stem, ending = os.path.splitext(name)
        name = f"{stem}~{sha256[:16]}{ending}"
    taken.add(name.casefold())
    return name


def _prepare(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        taken = any(out.iterdir())
    except OSError:
        raise Problem("out_unwritable", folder=out) from None
    if taken:
        raise Problem("out_not_empty", folder=out)


def _folder(out: Path, instance_id: str) -> Path:
    """Two ids may differ by ``uuid:`` alone, or by case on some disks: the second says so in its name."""
    folder = out / folder_name(instance_id)
    return out / f"{folder.name}~{_mark(instance_id)}" if folder.exists() else folder


def _record(session: Session, blobs: Blobs, folder: Path, copies: Sequence[Copy], done: Written) -> None:
    main = _main(copies)
    others = [copy for copy in copies if copy is not main]
    if main is not None:
        _write(session, blobs, folder, MAIN, main, done)
        done.submissions += 1
    done.versions += len(others)
    if main is not None and main.standing == "current":
        others = [*raw_rows.replaced_by(session, main), *others]
    for number, copy in enumerate(others, 1):
        _write(session, blobs, folder / VERSIONS / str(number), VERSION, copy, done)


def _main(copies: Sequence[Copy]) -> Copy | None:
    """What counts; else what was kept apart under this id alone. What an edit replaced does not count any more."""
    for standing in ("current", "quarantined"):
        for copy in copies:
            if copy.standing == standing:
                return copy
    return None


def _trial(session: Session, blobs: Blobs, folder: Path, copies: Sequence[TrialCopy], done: Written) -> None:
    """The copies of one instance id in one draft: the first that came, then those with other bytes."""
    first = copies[0]
    draft = folder / folder_name(first.form_id) / folder_name(first.form_version)
    own = _folder(draft, first.instance_id)
    for number, copy in enumerate(copies):
        place, name = (own / VERSIONS / str(number), VERSION) if number else (own, TRIAL)
        _write_copy(blobs, place, name, raw_rows.trial_xml(session, copy), copy.instance_id, copy.files, done)
        done.trials += 1


def _write(session: Session, blobs: Blobs, folder: Path, name: str, copy: Copy, done: Written) -> None:
    xml, files = raw_rows.xml_of(session, copy), raw_rows.files_of(session, copy)
    _write_copy(blobs, folder, name, xml, copy.instance_id, files, done)


def _write_copy(
    blobs: Blobs,
    folder: Path,
    name: str,
    xml: bytes,
    instance_id: str,
    files: Iterable[KnownFile],
    done: Written,
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / name).open("xb") as out:
        out.write(xml)
    taken = {name, MAIN, VERSION, VERSIONS}
    for file in files:
        _write_file(blobs, folder / free_name(file.filename, file.sha256, taken), instance_id, file, done)


def _write_file(blobs: Blobs, path: Path, instance_id: str, file: KnownFile, done: Written) -> None:
    try:
        source = blobs.open(file.sha256)
    except FileNotFoundError:
        done.missing.append(f"{instance_id} {file.sha256}")
        return
    with source, path.open("xb") as out:
        shutil.copyfileobj(source, out)
    done.attachments += 1


def _aside(folder: Path, row: Any) -> None:
    folder.mkdir(parents=True)
    (folder / "content").write_bytes(row.content)
    told = {"problem": row.problem, "received_at": row.received_at.isoformat(), "sha256": row.content_hash}
    (folder / "why.json").write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _mark(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]
