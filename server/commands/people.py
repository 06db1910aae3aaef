"""``mangnon people``: add, list, remove."""

from __future__ import annotations

import click

from server.commands.office import office
from server.commands.saying import command_problems, json_option, say


@click.group()
def people() -> None:
    """Người dùng: quản trị viên, cán bộ, cộng tác viên. / People and their areas."""


@people.command("add")
@click.argument("name")
@click.option("--role", required=True, help="administrator | officer | collaborator")
@click.option(
    "--area", multiple=True, help="Mã phường, thôn hoặc khối; lặp lại được. / Unit code, repeatable."
)
@json_option
@command_problems
def add(name: str, role: str, area: tuple[str, ...], as_json: bool) -> None:
    """Thêm một người; in mật khẩu dùng một lần và đường dẫn vào ứng dụng. / Add a person."""
    with office() as app:
        from server.entrance import now
        from server.flows.form_files import ZONE
        from server.flows.people import add_person
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        added = add_person(
            session,
            name=name,
            role=role,
            area=area,
            url=app.config["SETTINGS"].url,
            now=now(),
            today=now().astimezone(ZONE).date(),
        )
        session.commit()
    data = {
        "name": added.name,
        "password": added.password,
        "openrosa_url": added.openrosa_url,
        "phone_link": added.phone_link,
    }
    words = (
        f"Đã thêm {added.name}.\n"
        f"  Mật khẩu lần đầu / first password: {added.password}\n"
        f"  Ứng dụng điện thoại / phone app:   {added.phone_link}\n"
        f"  ODK Collect:                       {added.openrosa_url}\n"
        "Các dòng trên chỉ hiện một lần. / Shown once only."
    )
    say(data, as_json, words)


@people.command("list")
@json_option
@command_problems
def list_people(as_json: bool) -> None:
    """Danh sách người dùng. / Everyone with an account."""
    with office():
        from server.store import people as store
        from server.store.base import db

        areas = store.areas(db.session())
        everyone = store.everyone(db.session())
        rows = [
            {
                "name": person.name,
                "role": person.role,
                "area": list(areas.get(person.id, ())),
                "active": person.removed_at is None,
            }
            for person in everyone
        ]
        lines = [
            f"{person.name} · {person.role} · {', '.join(areas.get(person.id, ())) or 'tất cả'}"
            for person in everyone
        ]
    say(rows, as_json, "\n".join(lines) or "Chưa có ai. / Nobody yet.")
