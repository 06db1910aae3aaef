"""``mangnon submissions …``: what was received, as it was received."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.group()
def submissions() -> None:
    """Phiếu đã nhận. / Kept submissions."""


@submissions.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Thư mục mới. / A new folder.")
@json_option
@command_problems
def raw(out: Path, as_json: bool) -> None:
    """Ghi mọi phiếu đã giữ ra tệp, đúng từng byte. / Write every kept submission, byte for byte."""
    with office() as app:
        from server.flows.raw_copies import write_raw
        from server.store.base import db

        done = write_raw(db.session(), app.extensions["mangnon.blobs"], out)
    missing = f" Thiếu {len(done.missing)} tệp / files missing." if done.missing else ""
    say(
        {"out": str(out), **asdict(done)},
        as_json,
        f"Đã ghi {done.submissions} phiếu, {done.versions} bản khác, {done.attachments} tệp, "
        f"{done.set_aside} gói để riêng, {done.trials} phiếu điền thử vào {out}. / Written.{missing}",
    )
