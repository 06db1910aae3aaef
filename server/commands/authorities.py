"""``mangnon authorities``: ministries, departments and the ways of reports, by date."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from server.commands.forms import read_file
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say, tell

if TYPE_CHECKING:
    from server.flows.authorities import AuthoritiesRefused
    from sync.places.load_authorities import AuthoritiesReport


@click.group()
def authorities() -> None:
    """Bộ, sở, ủy ban và đường báo cáo theo ngày. / Ministries, departments and report routes by date."""


@authorities.command("list")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Ngày; mặc định hôm nay. / Day, today by default."
)
@json_option
@command_problems
def list_authorities(on: datetime | None, as_json: bool) -> None:
    """Cơ quan và đường báo cáo có hiệu lực trong ngày. / Bodies and report routes in force on a day."""
    with office():
        from server.entrance import now
        from server.flows.authorities import authorities as known_authorities
        from server.flows.form_files import ZONE
        from server.store.base import db
        from sync.places.authorities import REPORT_TYPES

        day = on.date() if on else now().astimezone(ZONE).date()
        known = known_authorities(db.session())
        bodies = known.on(day)
        ways = {kind: known.way(kind, on=day) for kind in REPORT_TYPES}
    data = {
        "on": day.isoformat(),
        "authorities": [body.as_data() for body in bodies.values()],
        "routes": {
            kind: [
                {
                    **step.as_data(),
                    "from_name": bodies[step.from_authority].name if step.from_authority in bodies else None,
                    "to_name": bodies[step.to_authority].name if step.to_authority in bodies else None,
                }
                for step in steps
            ]
            for kind, steps in ways.items()
        },
    }
    lines = [f"{body.id}: {body.name} ({', '.join(body.functions)})" for body in bodies.values()]
    for kind, steps in ways.items():
        lines.append(f"{kind}:")
        lines += [f"  {step.step}. {step.from_authority} → {step.to_authority}" for step in steps]
    say(data, as_json, "\n".join(lines))


@authorities.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ xem báo cáo. / Report only.")
@json_option
@command_problems
def load(file: Path, dry_run: bool, as_json: bool) -> None:
    """Nhập danh sách cơ quan hoặc đường báo cáo từ CSV. / Load bodies or report routes from CSV."""
    content = read_file(file)
    with office():
        from server.entrance import now
        from server.flows import authorities as flow
        from server.store.base import begin_writing, db

        session = db.session()
        try:
            if dry_run:
                report = flow.preview(session, content)
            else:
                begin_writing(session)
                report = flow.load(session, content, file.name, now=now(), by=None)
                session.commit()
        except flow.AuthoritiesRefused as refused:
            _tell_rows(refused, as_json)
            raise click.exceptions.Exit(1) from None
    data = {"loaded": not dry_run, "dry_run": dry_run, **report.as_data()}
    say(data, as_json, "\n".join(_lines(report, dry_run)))


def _lines(report: AuthoritiesReport, dry_run: bool) -> Iterator[str]:
    yield (
        f"{'Xem trước' if dry_run else 'Đã nhập'} {report.rows} dòng: thêm {len(report.added)}, "
        f"sửa {len(report.corrected)}, kết thúc {len(report.ended)}, giữ nguyên {report.unchanged}."
    )
    for finding in (*report.problems, *report.warnings):
        yield f"  [{finding.problem.kind.code}] {finding.problem.message('vi')} → {finding.problem.advice('vi')}"


def _tell_rows(refused: AuthoritiesRefused, as_json: bool) -> None:
    if as_json:
        body = {"problem": refused.as_data(), "report": refused.report.as_data()}
        click.echo(json.dumps(body, ensure_ascii=False), err=True)
        return
    tell(refused, as_json)
    for finding in refused.report.problems:
        problem = finding.problem
        click.echo(f"  [{problem.kind.code}] {problem.message('vi')} → {problem.advice('vi')}", err=True)
