"""``mangnon forms``: publish and list."""

from __future__ import annotations

from pathlib import Path

import click

from forms.problems import Problem
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.group()
def forms() -> None:
    """Biểu mẫu khảo sát. / Forms."""


@forms.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--media", type=click.Path(path_type=Path), help="Thư mục tệp kèm. / Folder with media files.")
@json_option
@command_problems
def publish(file: Path, media: Path | None, as_json: bool) -> None:
    """Phát hành biểu mẫu .xlsx, .md hoặc .xml cho mọi cộng tác viên. / Release a form."""
    source = read_file(file)
    files = (
        {path.name: read_file(path) for path in sorted(media.iterdir()) if path.is_file()} if media else {}
    )
    with office():
        from server.entrance import now
        from server.flows.publish_form import publish_form
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        made = publish_form(session, source, file.name, files, now=now(), by=None)
        session.commit()
    data = {
        "form_id": made.form_id,
        "version": made.version,
        "hash": made.hash,
        "warnings": [problem.as_data() for problem in made.warnings],
    }
    lines = [f"Đã phát hành {made.form_id} {made.version} ({made.hash})."]
    lines += [f"  lưu ý [{problem.kind.code}] {problem.message('vi')}" for problem in made.warnings]
    say(data, as_json, "\n".join(lines))


@forms.command("list")
@json_option
@command_problems
def list_forms(as_json: bool) -> None:
    """Các phiên bản biểu mẫu. / Every form version."""
    with office():
        from server.store import forms as store
        from server.store.base import db

        rows = [
            {
                "form_id": form.form_id,
                "version": form.version,
                "title": form.title,
                "hash": form.hash,
                "state": form.state,
            }
            for form in store.all_versions(db.session())
        ]
    say(
        rows,
        as_json,
        "\n".join(f"{row['form_id']} {row['version']} · {row['title']} · {row['state']}" for row in rows),
    )


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Problem("file_unreadable", name=path.name) from None
