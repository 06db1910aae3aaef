"""An office that has received something of every kind: new, corrected, contradicted, late, refused, with photos."""

from __future__ import annotations

import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import instance, interview, post, small_form

from server.flows.drafts import keep_draft
from server.flows.publish_form import publish_form
from server.store.base import begin_writing, db

JPEG = b"\xff\xd8\xff\xe0 a photo"
TRIAL_JPEG = b"\xff\xd8\xff\xe0 a trial photo"


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


def receive_trials(office: Office, client: FlaskClient) -> dict[str, bytes]:
    """A draft of the small form, tried by an officer: one interview with a photo, another one with other bytes."""
    version = keep_small_draft(office)
    officer = office.add("Cán Bộ Điền Thử", "officer", "05977").openrosa_url
    path = officer.removeprefix("http://127.0.0.1:8000")
    sent = {
        "version": version.encode(),
        "first": interview(1, answer="thử", version=version, photo="thử.jpg"),
        "other": interview(1, answer="thử khác", version=version),
    }
    post(client, path, sent["first"], {"thử.jpg": TRIAL_JPEG})
    office.clock.pass_(minutes=1)
    post(client, path, sent["other"])
    return sent


def keep_small_draft(office: Office) -> str:
    """Its version on phones."""
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        made = keep_draft(session, small_form("2"), "small.md", {}, now=office.clock(), by=None)
        session.commit()
    return made.trial_version


def rows(office: Office, table: sa.Table) -> list[sa.Row]:
    with office.app.app_context():
        return list(db.session.execute(sa.select(table)))
