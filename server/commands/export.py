"""``mangnon export``: files for the ministry."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

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
