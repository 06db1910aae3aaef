"""``mangnon forms``: publish, try as a draft, compare, and list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from forms.problems import Problem
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say

MOST_WORDS = 40


@click.group()
def forms() -> None:
    """Biểu mẫu khảo sát. / Forms."""


@forms.command("publish")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--media", type=click.Path(path_type=Path), help="Thư mục tệp kèm. / Folder with media files.")
@click.option("--draft", is_flag=True, help="Chỉ làm bản thử cho cán bộ. / Only a draft for officers to try.")
@json_option
@command_problems
def publish(file: Path, media: Path | None, draft: bool, as_json: bool) -> None:
    """Phát hành biểu mẫu .xlsx, .md hoặc .xml cho mọi cộng tác viên. / Release a form."""
    source, files = read_file(file), read_folder(media)
    if draft:
        _draft(source, file.name, files, as_json)
        return
    with office():
        from server.entrance import now
        from server.flows.publish_form import converted, publish_form
        from server.store.base import begin_writing, db

        session = db.session()
        converted(source, file.name, files)
        begin_writing(session)
        made = publish_form(session, source, file.name, files, now=now(), by=None)
        session.commit()
    _say_published(made.form_id, made.version, made.hash, made.warnings, as_json)


def _draft(source: bytes, name: str, files: Mapping[str, bytes], as_json: bool) -> None:
    with office():
        from server.entrance import now
        from server.flows.drafts import keep_draft
        from server.flows.publish_form import converted
        from server.store.base import begin_writing, db

        session = db.session()
        converted(source, name, files)
        begin_writing(session)
        made = keep_draft(session, source, name, files, now=now(), by=None)
        session.commit()
    data = {
        "form_id": made.form_id,
        "version": made.version,
        "hash": made.hash,
        "warnings": [problem.as_data() for problem in made.warnings],
        "draft": True,
        "trial_version": made.trial_version,
    }
    lines = [f"Bản thử {made.form_id} {made.version}: cán bộ thấy ở lần đồng bộ tới ({made.trial_version})."]
    say(data, as_json, "\n".join(lines + _noted(made.warnings)))


@forms.command("compare")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@command_problems
def compare(file: Path, as_json: bool) -> None:
    """Biểu mẫu này đổi gì so với bản đang dùng; không lưu gì. / What a form would change; keeps nothing."""
    source = read_file(file)
    with office():
        from server.flows.publish_form import compare_form
        from server.store.base import db

        made = compare_form(db.session(), source, file.name)
    changes = made.changes
    data: dict[str, object] = {
        "form_id": made.form_id,
        "version": made.version,
        "against": made.against or None,
    }
    data["changes"] = changes.as_data() if changes else None
    data["warnings"] = [problem.as_data() for problem in made.warnings]
    if changes is None:
        lines = [f"{made.form_id} {made.version}: biểu mẫu mới, chưa có bản nào đang dùng."]
    else:
        lines = [f"{made.form_id} {made.version} so với {made.against}:"]
        for path in changes.added:
            lines.append(f"  + {path}")
        lines += [f"  - {path}" for path in changes.removed]
        lines += [f"  → {move.before} → {move.after}" for move in changes.moved]
        lines += [f"  ≠ {entry.path}: {entry.before} → {entry.after}" for entry in changes.retyped]
        lines += [f"  nhãn {entry.path}: {entry.before} → {entry.after}" for entry in changes.relabelled]
        for choice in changes.choices:
            lines.append(
                f"  lựa chọn {choice.path}: + {_few(choice.added)}; - {_few(choice.removed)}; "
                f"nhãn {_few(choice.relabelled)}"
            )
        if changes.nothing:
            lines.append("  không đổi gì về câu hỏi.")
    say(data, as_json, "\n".join(lines + _noted(made.warnings)))


@forms.command("release")
@click.argument("form_id")
@json_option
@command_problems
def release(form_id: str, as_json: bool) -> None:
    """Phát hành bản thử cho mọi người. / Release the draft of a form."""
    with office():
        from server.entrance import now
        from server.flows.drafts import release_draft
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        made = release_draft(session, form_id, now=now(), by=None)
        session.commit()
    _say_published(made.form_id, made.version, made.hash, made.warnings, as_json)


@forms.command("discard")
@click.argument("form_id")
@json_option
@command_problems
def discard(form_id: str, as_json: bool) -> None:
    """Bỏ bản thử. / Discard the draft of a form."""
    with office():
        from server.entrance import now
        from server.flows.drafts import discard_draft
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        version = discard_draft(session, form_id, now=now(), by=None)
        session.commit()
    say({"form_id": form_id, "version": version}, as_json, f"Đã bỏ bản thử {form_id} {version}.")


@forms.command("close")
@click.argument("form_id")
@json_option
@command_problems
def close(form_id: str, as_json: bool) -> None:
    """Đóng: không nhận phiếu mới, phiếu đã bắt đầu vẫn nhận. / No new interviews; what was begun is taken."""
    _decide(form_id, closing=True, as_json=as_json)


@forms.command("open")
@click.argument("form_id")
@json_option
@command_problems
def open_again(form_id: str, as_json: bool) -> None:
    """Mở lại biểu mẫu đã đóng. / Open a closed form again."""
    _decide(form_id, closing=False, as_json=as_json)


def _decide(form_id: str, *, closing: bool, as_json: bool) -> None:
    with office():
        from server.entrance import now
        from server.flows.close_form import close_form, open_form
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        changed = (close_form if closing else open_form)(session, form_id, now=now(), by=None)
        session.commit()
    data = {"form_id": form_id, "state": "closed" if closing else "open", "changed": changed}
    done = "Đã đóng" if closing else "Đã mở lại"
    say(data, as_json, f"{done} {form_id}." if changed else f"{form_id}: không có gì thay đổi. / No change.")


@forms.command("list")
@json_option
@command_problems
def list_forms(as_json: bool) -> None:
    """Các phiên bản biểu mẫu. / Every form version."""
    with office():
        from server.store import closed_forms
        from server.store import forms as store
        from server.store.base import db

        closed = closed_forms.ids(db.session())
        rows = [
            {
                "form_id": form.form_id,
                "version": form.version,
                "title": form.title,
                "hash": form.hash,
                "state": "closed" if form.form_id in closed and not form.trial_of else form.state,
                "trial_of": form.trial_of,
            }
            for form in store.all_versions(db.session())
        ]
    say(
        rows,
        as_json,
        "\n".join(f"{row['form_id']} {row['version']} · {row['title']} · {row['state']}" for row in rows),
    )


def _say_published(
    form_id: str, version: str, digest: str, warnings: tuple[Problem, ...], as_json: bool
) -> None:
    told = [problem.as_data() for problem in warnings]
    data = {"form_id": form_id, "version": version, "hash": digest, "warnings": told}
    say(data, as_json, "\n".join([f"Đã phát hành {form_id} {version} ({digest}).", *_noted(warnings)]))


def _noted(warnings: tuple[Problem, ...]) -> list[str]:
    return [f"  lưu ý [{problem.kind.code}] {problem.message('vi')}" for problem in warnings]


def _few(codes: tuple[str, ...]) -> str:
    more = " …" if len(codes) > MOST_WORDS else ""
    return (", ".join(codes[:MOST_WORDS]) or "–") + more


def read_folder(folder: Path | None) -> dict[str, bytes]:
    """The files of a folder by name, hidden ones left out."""
    if folder is None:
        return {}
    try:
        inside = sorted(folder.iterdir())
    except OSError:
        raise Problem("file_unreadable", name=folder.name) from None
    return {path.name: read_file(path) for path in inside if path.is_file() and path.name[0] != "."}


def read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise Problem("file_unreadable", name=path.name) from None
