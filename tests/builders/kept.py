"""An office that has received something of every kind: new, corrected, contradicted, late, refused, with photos."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import instance, interview, post, small_form

from server.flows.publish_form import publish_form
from server.store.base import begin_writing, db

JPEG = b"\xff\xd8\xff\xe0 a photo"


def publish_small(office: Office) -> None:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        publish_form(session, small_form("1"), "small.md", {}, now=office.clock(), by=None)
        session.commit()


def receive_every_kind(office: Office, client: FlaskClient, key_path: str) -> dict[str, bytes]:
    """Four interviews and a broken one; gives the bytes by a word for each."""
    publish_small(office)
    sent = {
        "first": interview(1, photo="ảnh.jpg"),
        "correction": interview(2, answer="b", photo="ảnh.jpg", replaces=instance(1)),
        "plain": interview(3),
        "other": interview(3, answer="khác"),
        "broken": b"not XML",
    }
    post(client, key_path, sent["first"], {"ảnh.jpg": JPEG})
    for name in ("correction", "plain", "other", "broken"):
        office.clock.pass_(minutes=1)
        post(client, key_path, sent[name])
    return sent


def rows(office: Office, table: sa.Table) -> list[sa.Row]:
    with office.app.app_context():
        return list(db.session.execute(sa.select(table)))
