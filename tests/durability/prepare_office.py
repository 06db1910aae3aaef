"""Sets a data folder up in one process, as ``init``, ``forms publish`` and ``people add`` do; prints the key path."""

from __future__ import annotations

import os

from small_form import small_form

from server.app import create_app
from server.entrance import now
from server.flows.people import add_person
from server.flows.publish_form import publish_form
from server.flows.set_up import set_up
from server.settings import read_settings
from server.store.base import begin_writing, db


def prepare() -> str:
    settings = read_settings(os.environ)
    app = create_app(settings)
    with app.app_context():
        session = db.session()
        set_up(
            db.engine,
            session,
            practice=False,
            url=settings.url,
            now=now(),
            admin_password=settings.admin_password,
        )
        begin_writing(session)
        publish_form(session, small_form(), "small.md", {}, now=now(), by=None)
        added = add_person(
            session,
            name="Cộng Tác Viên Thử",
            role="collaborator",
            area=("05977",),
            url=settings.url,
            now=now(),
            today=now().date(),
        )
        session.commit()
        db.session.remove()
        db.engine.dispose()
    return added.openrosa_url.removeprefix(settings.url)


if __name__ == "__main__":
    print(prepare())
