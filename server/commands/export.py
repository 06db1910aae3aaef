"""``mangnon export``: files for the ministry."""

from __future__ import annotations

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
@json_option
@command_problems
def ministry(round_id: str | None, out: Path, variant: str, as_json: bool) -> None:
    """Sổ Excel theo định dạng đề xuất LSCL-MOH/1.0. / The ministry workbook."""
    with office():
        from server.entrance import now
        from server.flows.export_ministry import ministry_workbook
        from server.store.base import db

        made = ministry_workbook(db.session(), round_id=round_id, variant=variant, now=now(), by=None)
        db.session.commit()
    try:
        out.write_bytes(made.content)
    except OSError:
        raise Problem("file_unwritable", name=out.name) from None
    data = {
        "file": str(out),
        "round": made.round_id,
        "variant": variant,
        "rows": made.rows,
        "sha256": made.sha256,
    }
    counts = ", ".join(f"{sheet}: {number}" for sheet, number in made.rows.items())
    say(data, as_json, f"Đã ghi {out} (đợt {made.round_id}; {counts}).")
