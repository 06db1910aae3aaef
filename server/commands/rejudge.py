"""``mangnon law rejudge``: the archive judged by the profiles as they are now."""

from __future__ import annotations

import click

from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.command()
@click.option("--dry-run", is_flag=True, help="Chỉ báo cáo, không đổi gì. / Report only.")
@json_option
@command_problems
def rejudge(dry_run: bool, as_json: bool) -> None:
    """Xét lại mọi trẻ theo hồ sơ luật hiện hành; kết quả cũ vẫn được giữ. / Judge the archive again."""
    with office():
        from server.entrance import now
        from server.flows.rejudge import rejudge as judge_again

        result = judge_again(now=now(), dry_run=dry_run).as_data()
    lines = [f"Đã xét {result['judged']} kết luận, {result['changed']} trẻ thay đổi."]
    lines += [f"  {m['profile']}: {m['from']} → {m['to']}: {m['children']} trẻ" for m in result["moves"]]
    say({"dry_run": dry_run, **result}, as_json, "\n".join(lines))
