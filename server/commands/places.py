"""``mangnon places``: load lists of villages and boundaries, list units, locate points."""

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
    from server.flows.load_places import Preview


@click.group()
def places() -> None:
    """Phường, xã, thôn, khối. / Wards, villages and blocks."""


@places.command("load")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ xem báo cáo. / Report only.")
@click.option(
    "--end-missing",
    is_flag=True,
    help="Thôn của các phường ấy mà danh sách không nêu thì kết thúc. / Villages left out by the list end.",
)
@json_option
@command_problems
def load(file: Path, dry_run: bool, end_missing: bool, as_json: bool) -> None:
    """Nhập danh sách thôn, khối từ CSV, hoặc ranh giới từ GeoJSON. / Load villages or boundaries."""
    content = read_file(file)
    with office():
        from server.entrance import now
        from server.flows import load_places
        from server.flows.form_files import ZONE
        from server.store.base import begin_writing, db

        session = db.session()
        moment = now()
        today = moment.astimezone(ZONE).date()
        try:
            if dry_run:
                seen = load_places.preview(session, content, file.name, today=today, end_missing=end_missing)
            else:
                begin_writing(session)
                seen = load_places.load(
                    session, content, file.name, now=moment, today=today, by=None, end_missing=end_missing
                )
                session.commit()
        except load_places.PlacesRefused as refused:
            _tell_rows(refused, as_json)
            raise click.exceptions.Exit(1) from None
    data = {"loaded": not dry_run, "dry_run": dry_run, **seen.as_data()}
    say(data, as_json, "\n".join(_report_lines(seen, dry_run)))


def _report_lines(seen: Preview, dry_run: bool) -> Iterator[str]:
    report, changes = seen.report, seen.changes
    done = "Xem trước" if dry_run else "Đã nhập"
    yield f"{done} {len(report.units)} đơn vị, {len(report.outlines)} ranh giới."
    yield (
        f"  thêm {len(changes.added)}, đổi tên {len(changes.renamed)}, dời chỗ {len(changes.moved)}, "
        f"nhập {len(changes.merged)}, mâu thuẫn {len(changes.conflicting)}, không nêu {len(changes.removed)}, "
        f"dòng bị từ chối {report.refused_rows}."
    )
    for f in report.problems:
        yield f"  dòng {f.line}: [{f.problem.kind.code}] {f.problem.message('vi')}"
    for f in report.warnings:
        yield f"  lưu ý dòng {f.line}: [{f.problem.kind.code}] {f.problem.message('vi')}"


@places.command("relocate")
@click.option("--dry-run", is_flag=True, help="Chỉ báo cáo, không đổi gì. / Report only.")
@click.option(
    "--on",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Báo cáo theo địa giới ngày này; mặc định hôm nay. / The day the report counts by.",
)
@json_option
@command_problems
def relocate(dry_run: bool, on: datetime | None, as_json: bool) -> None:
    """Định vị lại mọi phiếu theo danh mục hiện nay; nhãn cũ vẫn được giữ. / Place the archive again."""
    with office():
        from server.entrance import now
        from server.flows.relocate import relocate as place_again

        result = place_again(now=now(), dry_run=dry_run, on=on.date() if on else None).as_data()
    done = "Xem trước" if dry_run else "Đã định vị lại"
    lines = [f"{done}: {result['visits']} lượt thăm, {result['changed']} thay đổi."]
    for unit in result["units"]:
        lines.append(
            f"  {unit['ward'] or '–'} {unit['village'] or '–'}: {unit['visits']} lượt, "
            f"{unit['retagged']} thay đổi, thôn gần nhất khác {unit['nearest_changed']}"
        )
        lines += [
            f"    lúc thu thập {past['ward'] or '–'} {past['ward_name'] or ''} · {past['village'] or '–'} "
            f"{past['village_name'] or ''}: {past['visits']} lượt"
            for past in unit["as_collected"]
        ]
    say({"dry_run": dry_run, **result}, as_json, "\n".join(lines))


@places.command("list")
@click.option(
    "--on", type=click.DateTime(["%Y-%m-%d"]), help="Ngày; mặc định hôm nay. / Day, today by default."
)
@json_option
@command_problems
def list_places(on: datetime | None, as_json: bool) -> None:
    """Các đơn vị đang có hiệu lực. / Units in force."""
    with office():
        from server.entrance import now
        from server.flows.form_files import ZONE
        from server.flows.places import gazetteer
        from server.store.base import db

        day = on.date() if on else now().astimezone(ZONE).date()
        known = gazetteer(db.session())
        rows = [
            {
                "code": unit.code,
                "name": unit.name,
                "kind": unit.kind,
                "level": unit.level,
                "parent": unit.parent_code,
                "valid_from": unit.valid_from.isoformat(),
                "valid_to": unit.valid_to.isoformat() if unit.valid_to else None,
                "arrangement": unit.arrangement if unit.level == "village" else None,
                "verified": unit.verified,
                "households": unit.households,
                "practice": unit.practice,
            }
            for ward in known.wards(on=day)
            for unit in (ward, *known.villages(ward.code, on=day))
        ]
    say(
        rows,
        as_json,
        "\n".join(f"{'' if r['level'] == 'ward' else '    '}{r['code']}  {r['name']}" for r in rows),
    )


@places.command("locate")
@click.option("--lat", type=float)
@click.option("--lon", type=float)
@click.option("--accuracy", type=float)
@click.option("--declared", help="Mã thôn, khối đã khai. / The declared village.")
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]))
@click.option("--file", type=click.Path(path_type=Path), help="CSV id,lat,lon,accuracy,declared")
@json_option
@command_problems
def locate(
    lat: float | None,
    lon: float | None,
    accuracy: float | None,
    declared: str | None,
    on: datetime | None,
    file: Path | None,
    as_json: bool,
) -> None:
    """Một điểm thuộc phường nào, gần thôn nào. / Which ward and village a point lies in."""
    declared = (declared or "").strip() or None
    given = [lat, lon, accuracy, declared]
    if (file is None) == all(value is None for value in given):
        raise click.UsageError("--lat --lon [--accuracy --declared] | --declared | --file")
    with office():
        from server.entrance import now
        from server.flows.form_files import ZONE
        from server.flows.places import gazetteer
        from server.store.base import db
        from sync.places.locate import locate as find
        from sync.places.points import locate_all

        day = on.date() if on else now().astimezone(ZONE).date()
        known = gazetteer(db.session())
        known.check_day(day)
        if file is not None:
            found = locate_all(known, read_file(file), on=day)
            say(found, as_json, json.dumps(found, ensure_ascii=False, indent=1))
            return
        place = find(known, lat=lat, lon=lon, accuracy=accuracy, declared=declared, on=day).as_data()
    say(place, as_json, "\n".join(f"{key}: {value}" for key, value in place.items()))


def _tell_rows(refused: object, as_json: bool) -> None:
    from server.flows.load_places import PlacesRefused

    assert isinstance(refused, PlacesRefused)
    if as_json:
        body = {"problem": refused.as_data(), "report": refused.preview.as_data()}
        click.echo(json.dumps(body, ensure_ascii=False), err=True)
        return
    tell(refused, as_json)
    for finding in refused.report.problems:
        problem = finding.problem
        click.echo(
            f"  dòng {finding.line}: [{problem.kind.code}] {problem.message('vi')} → {problem.advice('vi')}",
            err=True,
        )
