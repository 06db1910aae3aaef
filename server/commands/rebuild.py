"""``mangnon rebuild``: recompute everything derived from the submissions."""

from __future__ import annotations

import click

from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.command()
@click.option("--check", is_flag=True, help="So sánh trước và sau. / Compare the tables before and after.")
@json_option
@command_problems
def rebuild(check: bool, as_json: bool) -> None:
    """Tính lại hộ, trẻ, công việc và kết luận từ các phiếu đã giữ. / Recompute all derived tables."""
    with office():
        from server.flows.rebuild import rebuild_all

        result = rebuild_all(check=check)
    same = "" if result.same is None else (" Bảng không đổi." if result.same else " Bảng ĐÃ ĐỔI.")
    digests = result.after if result.before is None else f"{result.before}\n{result.after}"
    say(
        {
            "submissions": result.submissions,
            "failed": result.failed,
            "digest_before": result.before,
            "digest_after": result.after,
            "same": result.same,
        },
        as_json,
        f"Đã tính lại {result.submissions} phiếu, {result.failed} phiếu chưa đọc được.{same}\n{digests}",
    )
