"""``mangnon children``: find the same child in a list. Needs no data folder."""

from __future__ import annotations

from pathlib import Path

import click

from server.commands.forms import read_file
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
