"""An office with a household in each of two wards, and an officer of each."""

from __future__ import annotations

from collections.abc import Callable

import ls_cl
import pytest
import sqlalchemy as sa
from browser import Browser, administrator, signed_in
from flask.testing import FlaskClient
from office import Office
from page_records import Records
from small_form import post

from server.store.base import db
from server.store.derived import CHILDREN
from server.store.submissions import SUBMISSIONS

HERE, THERE = "05977", "05983"


@pytest.fixture
def admin(office: Office) -> Browser:
    return administrator(office)


@pytest.fixture
def records(office: Office, client: FlaskClient, derive: Callable[[], int]) -> Records:
    sender = office.add("Cộng Tác Viên Hai Phường", "collaborator", HERE, THERE)
    path = sender.openrosa_url.removeprefix("http://127.0.0.1:8000")
    three = [ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()]
    own = {"c1": "Chủ Hộ Nơi Này"}
    other = {"c1": "Chủ Hộ Nơi Khác"}
    first = ls_cl.household(three, ward=HERE, village=f"{HERE}.901", changes=own)
    second = ls_cl.household(
        [ls_cl.idle_child("Trẻ Nơi Khác")], ward=THERE, village=f"{THERE}.901", number=2, changes=other
    )
    for xml in (first, second):
        assert post(client, path, xml).status_code == 201
        office.clock.pass_(minutes=1)
    derive()
    with office.app.app_context():
        kept = db.session.execute(sa.select(SUBMISSIONS.c.id).order_by(SUBMISSIONS.c.received_at)).scalars()
        here, there = kept
        children = {name: key for name, key in db.session.execute(sa.select(CHILDREN.c.name, CHILDREN.c.id))}
    return Records(office, here, there, children["Trẻ Ba"], children["Trẻ Nơi Khác"])


@pytest.fixture
def officer_here(records: Records) -> Browser:
    """An officer of the first ward alone."""
    return signed_in(records.office, records.office.add("Cán Bộ Nơi Này", "officer", HERE))
