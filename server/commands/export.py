"""``mangnon export``: files for the ministry, and the answers of any form."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from forms.problems import Problem
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.group()
def export() -> None:
    """Xuất dữ liệu. / Export."""


@export.command("ministry")
@click.option(
    "--round", "round_id", help="Mã đợt; mặc định là đợt đang mở. / Round, the open one by default."
)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option(
    "--variant",
    type=click.Choice(["identifiable", "deidentified"]),
    default="identifiable",
    show_default=True,
)
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Theo địa giới ngày này. / Units as of this day."
)
@json_option
@command_problems
def ministry(round_id: str | None, out: Path, variant: str, on: datetime | None, as_json: bool) -> None:
    """Sổ Excel theo định dạng đề xuất LSCL-MOH/1.0. / The ministry workbook."""
    with office():
        from server.entrance import now
        from server.flows.export_ministry import ministry_workbook
        from server.store.base import db

        day = on.date() if on else None
        made = ministry_workbook(db.session(), round_id=round_id, variant=variant, now=now(), by=None, on=day)
        db.session.commit()
    try:
        out.write_bytes(made.content)
    except OSError:
        raise Problem("file_unwritable", name=out.name) from None
    data = {
        "file": str(out),
        "round": made.round_id,
        "variant": variant,
        "on": on.date().isoformat() if on else None,
        "rows": made.rows,
        "sha256": made.sha256,
    }
    counts = ", ".join(f"{sheet}: {number}" for sheet, number in made.rows.items())
    say(data, as_json, f"Đã ghi {out} (đợt {made.round_id}; {counts}).")


@export.command("answers")
@click.option("--form", "form_id", required=True, help="Mã biểu mẫu. / Form id.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help=".zip (CSV) | .xlsx")
@click.option("--trials", is_flag=True, help="Phiếu điền thử thay vì phiếu thật. / Trial interviews instead.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Thêm phường, thôn theo địa giới ngày này. / Adds the units of this day.",
)
@click.option("--media", is_flag=True, help="Kèm ảnh và tệp (.zip). / With photos and other files (.zip).")
@json_option
@command_problems
def answers(form_id: str, out: Path, trials: bool, on: datetime | None, media: bool, as_json: bool) -> None:
    """Câu trả lời của một biểu mẫu, mọi phiên bản. / The answers of any form, all versions together."""
    kind = out.suffix.lower().lstrip(".")
    if kind not in ("zip", "xlsx") or (media and kind != "zip"):
        raise Problem("export_kind_unknown", filename=out.name)
    kind = "media" if media else kind
    with office() as app:
        from server.entrance import now
        from server.flows.export_answers import export_answers, sha256_of, tell_export
        from server.store.base import begin_writing, db

        session = db.session()
        with _opened(out) as file:
            made = export_answers(
                session,
                file,
                form_id=form_id,
                kind=kind,
                now=now(),
                by=None,
                trials=trials,
                on=on.date() if on else None,
                blobs=app.extensions["mangnon.blobs"],
            )
            digest = sha256_of(file)
        begin_writing(session)
        tell_export(session, made, kind=kind, now=now(), by=None, trials=trials)
        session.commit()
    data = {
        "file": str(out),
        "form_id": made.form_id,
        "versions": list(made.versions),
        "on": on.date().isoformat() if on else None,
        "rows": made.rows,
        "unread": made.unread,
        "sha256": digest,
    } | ({"media": made.media, "media_lost": made.media_lost} if media else {})
    counts = ", ".join(f"{name}: {number}" for name, number in made.rows.items())
    say(data, as_json, f"Đã ghi {out} ({counts}; không đọc được: {made.unread}).")


@contextmanager
def _opened(out: Path) -> Iterator[IO[bytes]]:
    """The file to write, put in its place only when it is whole."""
    passing = out.with_name(f".{out.name}.part")
    try:
        with passing.open("w+b") as file:
            yield file
        passing.replace(out)
    except OSError:
        raise Problem("file_unwritable", name=out.name) from None
    finally:
        passing.unlink(missing_ok=True)
