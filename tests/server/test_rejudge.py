"""A profile changes: the archive is judged again, the report says what moved, the old judgements stay."""

from __future__ import annotations

from collections.abc import Callable

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.flows import rejudge
from server.store.base import begin_writing, db
from server.store.children import JudgementRow, Observation
from server.store.past_judgements import PastJudgement


@pytest.fixture
def old_law(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """An archive whose one unlawful child was found lawful by an older version of the profile."""
    post(client, key_path, ls_cl.household([ls_cl.overworked_child()], ward="05977", village="05977.901"))
    derive()
    with office.app.app_context():
        begin_writing(db.session())
        row = db.session.scalars(sa.select(JudgementRow).where(JudgementRow.profile == "VN-LC2019")).one()
        row.version, row.class_ = "0", "LAWFUL"
        row.result = {**row.result, "class": "LAWFUL", "findings": [], "version": "0"}
        db.session.commit()
    return office


def test_a_dry_run_reports_and_changes_nothing(old_law: Office) -> None:
    with old_law.app.app_context():
        said = rejudge.rejudge(now=old_law.clock(), dry_run=True).as_data()
        assert said["moves"] == [{"profile": "VN-LC2019", "from": "LAWFUL", "to": "UNLAWFUL", "children": 1}]
        assert set(said["children"][0]["added"]) == {"U15_DAY", "U15_WEEK"}
        assert (
            db.session.scalars(
                sa.select(JudgementRow.version).where(JudgementRow.profile == "VN-LC2019")
            ).one()
            == "0"
        )


def test_the_old_judgement_stays(old_law: Office) -> None:
    with old_law.app.app_context():
        rejudge.rejudge(now=old_law.clock(), dry_run=False)
        assert db.session.scalars(sa.select(Observation.class_)).one() == "UNLAWFUL"
        kept = db.session.scalars(sa.select(PastJudgement)).one()
        assert (kept.version, kept.result["class"]) == ("0", "LAWFUL")
        again = rejudge.rejudge(now=old_law.clock(), dry_run=False)
        assert again.children == []
