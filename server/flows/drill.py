"""The nightly restore drill: a backup is made, taken apart again and proved, and what came of it is written down.

The database of the backup is really restored (beside the real one, then thrown away) and compared row by row with
the backup's proof; every attachment is read back from the backup and hashed. So the morning knows whether last
night's office could be made again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows import backup
from server.flows.form_files import ZONE
from server.store import drills
from server.store.base import begin_writing
from server.store.blobs import Blobs, BucketAway
from server.store.copying import database_size
from server.store.drills import Drill
from server.store.submissions import attachment_totals


def is_due(now: datetime, last: datetime | None, hour: int) -> bool:
    """Whether the hour has struck since the last drill; an office that sleeps at night does it in the morning."""
    local = now.astimezone(ZONE)
    struck = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    if struck > local:
        struck -= timedelta(days=1)
    return last is None or last < struck


def claim(session: Session, *, now: datetime, hour: int) -> str | None:
    """Begin a drill if one is due, so that of several processes one does it; gives its id."""
    begin_writing(session)
    last = drills.latest(session, now)
    if not is_due(now, last.started_at if last else None, hour):
        session.rollback()
        return None
    drill = Drill(id=str(uuid4()), started_at=now)
    session.add(drill)
    session.commit()
    return drill.id


def run_drill(
    drill_id: str, session: Session, engine: Engine, blobs: Blobs, data: Path, *, now: Callable[[], datetime]
) -> None:
    """Do it and write down what came of it; raises nothing that the drill itself should tell."""
    problem, summary = None, None
    try:
        _check_room(session, data)
        summary = _restore_once(engine, blobs, data, now())
    except Problem as told:
        problem = told
    except BucketAway:
        problem = Problem("bucket_away")
    except OSError:
        problem = Problem("drill_no_room")
    begin_writing(session)
    drill = session.get(Drill, drill_id)
    if drill is not None:
        drill.ended_at = now()
        drill.problem = problem.as_data() if problem else None
        if summary is not None:
            drill.submissions, drill.attachments = summary.tables["submissions"], summary.attachments
    session.commit()


def _restore_once(engine: Engine, blobs: Blobs, data: Path, now: datetime) -> backup.Summary:
    with TemporaryDirectory(dir=data, prefix=".drill-") as folder:
        file = Path(folder) / "drill.zip"
        summary = backup.back_up(engine, blobs, data / backup.KEY, file, now=now)
        with backup.opened(file) as pack:
            manifest = backup.read_manifest(pack)
            backup.unpack_database(pack, manifest, Path(folder) / backup.DATABASE)
            backup.restore_attachments(pack, manifest, None)
    return summary


def _check_room(session: Session, data: Path) -> None:
    """The drill must never fill the disk that interviews are to be kept on."""
    _number, size = attachment_totals(session)
    database = database_size(session.connection())
    session.rollback()
    if shutil.disk_usage(data).free < 2 * (size + 3 * database):
        raise Problem("drill_no_room")
