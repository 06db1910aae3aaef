"""``mangnon children``: find the same child in a list (no data folder needed), or in the office's own database."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.forms import read_file
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.group()
def children() -> None:
    """Trẻ em trong các danh sách. / Children in lists."""


@children.command("link")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--threshold", type=click.FloatRange(0.01, 0.9999), help="Ngưỡng điểm. / Least score.")
@json_option
@command_problems
def link(file: Path, threshold: float | None, as_json: bool) -> None:
    """Tìm các dòng là cùng một trẻ trong FILE.csv. / Find the lines that are one child.

    Cột: id,name,birth,sex,ward,village,mother,father,personal_id.
    """
    from sync.people.link import link as find
    from sync.people.record import read_csv
    from sync.people.score import THRESHOLD

    found = find(read_csv(read_file(file)), THRESHOLD if threshold is None else threshold)
    data = [one.as_data() for one in found]
    lines = [f"{one.score:.4f}  {one.a}  {one.b}  {', '.join(one.reasons)}" for one in found]
    say(data, as_json, "\n".join([*lines, f"{len(found)} cặp. / pairs."]))


@children.command("search")
@json_option
@command_problems
def search(as_json: bool) -> None:
    """Tìm trẻ bị ghi trùng trong dữ liệu; cán bộ quyết định trên trang. / Find children who stand twice."""
    with office() as app:
        from server.flows import doubles
        from server.store.base import db

        found = doubles.search(db.session(), province=app.config["SETTINGS"].province)
        db.session().commit()
    say({"pairs": found}, as_json, f"{found} cặp cần cán bộ xem. / pairs for an officer to look at.")
