"""``mangnon practice make``: an invented population with the truth known, for drills and measurements."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import click

from forms.problems import Problem
from server.commands.saying import command_problems, json_option, say


@click.group()
def practice() -> None:
    """Dữ liệu tập huấn bịa đặt. / Invented data for training."""


@practice.command("make")
@click.option("--households", type=click.IntRange(1, 1_000_000), required=True)
@click.option("--rounds", type=click.IntRange(1, 20), default=2, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option(
    "--dirt", type=click.FloatRange(0, 5), default=1.0, show_default=True, help="Mức sai sót. / Mistakes."
)
@click.option("--out", type=click.Path(path_type=Path), help="Thư mục kết quả. / Folder for the result.")
@json_option
@command_problems
def make(households: int, rounds: int, seed: int, dirt: float, out: Path | None, as_json: bool) -> None:
    """Ghi children.csv (danh sách như ngoài đời) và truth.csv (ai là ai). / Lists as in life, and who is who."""
    from sync.people.dirt import Habits
    from sync.people.population import make as invent
    from sync.people.record import COLUMNS

    made = invent(households=households, rounds=rounds, seed=seed, habits=Habits().times(dirt))
    folder = out or Path(f"practice-{households}-{rounds}-{seed}")
    truth = [
        {"id": row_id, "child": child, "round": made.rounds[row_id]} for row_id, child in made.truth.items()
    ]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(folder / "children.csv", COLUMNS, made.rows)
        _write(folder / "truth.csv", ("id", "child", "round"), truth)
    except OSError:
        raise Problem("folder_unwritable", folder=folder) from None
    data = {
        "folder": str(folder),
        "rows": len(made.rows),
        "children": len(set(made.truth.values())),
        "rounds": rounds,
        "seed": seed,
    }
    say(data, as_json, f"{data['rows']} dòng, {data['children']} trẻ bịa đặt, trong {folder}")


def _write(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)
