"""``mangnon backup``, ``restore``, ``verify`` and ``move``: the office as a whole, copied and proved."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from forms.problems import Problem
from server.commands.office import file_of, office, office_settings
from server.commands.saying import command_problems, json_option, say
from server.store.blobs import BucketAway

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=FILE)
@json_option
@command_problems
def backup(file: Path, as_json: bool) -> None:
    """Sao lưu cả cơ sở dữ liệu và tệp đính kèm vào một tệp, máy chủ vẫn chạy. / Back up into one file, online."""
    with office() as app:
        from server.entrance import now
        from server.flows.backup import KEY, back_up
        from server.store.base import db

        key = app.config["SETTINGS"].data / KEY
        try:
            done = back_up(db.engine, app.extensions["mangnon.blobs"], key, file, now=now())
        except BucketAway:
            raise
        except OSError:
            raise Problem("out_unwritable", folder=file) from None
    rows = done.tables["submissions"]
    say(
        {"file": str(file), **asdict(done)},
        as_json,
        f"Đã sao lưu {rows} phiếu, {done.attachments} tệp vào {file}. Tệp này có dữ liệu cá nhân: cất nơi an toàn. / "
        "Backed up. This file holds personal data: keep it safe.",
    )


@click.command()
@click.argument("file", type=FILE)
@json_option
@command_problems
def restore(file: Path, as_json: bool) -> None:
    """Dựng lại từ tệp sao lưu, vào nơi chưa có dữ liệu. / Make the office again from a backup; overwrites nothing."""
    settings = office_settings()
    from server.app import make_blobs, make_engine
    from server.flows.restore import restore as restore_office

    engine, blobs = make_engine(settings), make_blobs(settings)
    try:
        blobs.prepare()
        database = file_of(settings) if settings.embedded else None
        done = restore_office(file, engine, blobs, settings.data, database)
    except BucketAway:
        raise
    except OSError:
        raise Problem("folder_unwritable", folder=settings.data) from None
    finally:
        engine.dispose()
    say(
        asdict(done),
        as_json,
        f"Đã dựng lại {done.tables['submissions']} phiếu, {done.attachments} tệp từ bản sao lưu lúc {done.made_at}. "
        "/ Restored and proved against the backup's hashes.",
    )


@click.command()
@json_option
@command_problems
def verify(as_json: bool) -> None:
    """Tính lại mọi mã băm của phiếu và tệp, nêu tên chỗ sai khác. / Recompute every hash; name what differs."""
    with office() as app:
        from server.flows.verify import verify as verify_all
        from server.store.base import db

        done = verify_all(db.session(), app.extensions["mangnon.blobs"])
    lines = [
        f"{done.submissions} phiếu, {done.attachments} tệp, {done.set_aside} gói để riêng, "
        f"{done.trials} phiếu điền thử, {done.forms} biểu mẫu: "
        + ("đúng từng byte. / every byte as it came." if done.ok else "CÓ SAI KHÁC / DIFFERENCES:")
    ]
    lines += [f"  {one.kind} {one.id}: {one.what}" for one in done.differences]
    say({"ok": done.ok, **asdict(done)}, as_json, "\n".join(lines))
    if not done.ok:
        raise Problem("kept_differs", count=len(done.differences))


@click.command()
@click.option("--to", "address", required=True, help="postgresql://…")
@json_option
@command_problems
def move(address: str, as_json: bool) -> None:
    """Chép cơ sở dữ liệu sang PostgreSQL trống và chứng minh hai bên bằng nhau. / Copy to an empty PostgreSQL."""
    if not address.startswith(("postgresql://", "postgresql+psycopg://")):
        raise Problem("move_target_wrong")
    with office() as app:
        from server.flows.restore import move as move_office
        from server.store.base import db

        if not app.config["SETTINGS"].embedded:
            raise Problem("move_target_wrong")
        done = move_office(db.engine, address.replace("postgresql://", "postgresql+psycopg://", 1))
    tables = {name: asdict(entry) for name, entry in done.tables.items()}
    say(
        {"equal": True, "tables": tables},
        as_json,
        f"Đã chép {len(tables)} bảng, {sum(entry.rows for entry in done.tables.values())} dòng; số dòng và mã băm bằng "
        "nhau. Dừng máy chủ, đặt DATABASE_URL rồi chạy lại: phiếu nhận sau lúc chép không có ở bên kia. / Copied and "
        "proved equal. Stop the server, set DATABASE_URL, start again: what came in after the copy is not there.",
    )
