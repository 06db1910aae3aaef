"""Everything that officers decided about people and rounds comes out of a rebuild as it was, even one from nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.access.rules import Who
from server.flows import assignments, confirm_class, doubles, same_child
from server.flows import rounds as round_flow
from server.flows.rebuild import rebuild_all
from server.store import derived
from server.store.base import Base, begin_writing, db

HERE, THERE = "05977.901", "05983.901"
NOT_DERIVED = (
    "submissions", "link_decisions", "conflict_choices", "class_decisions", "assignments", "assignment_changes",
    "rounds", "round_villages", "link_candidates", "entity_log",
)  # fmt: skip


def follow_up(xml: bytes, day: bytes, key: int, old: bytes, new: bytes) -> bytes:
    """A later interview of the same household that corrects one answer of what the phone was shown."""
    own = f"uuid:0000000{key}-0000-4000-8000-000000000000".encode()
    xml = xml.replace(b"2026-10-", day).replace(old, new)
    start = xml.index(b"instanceID>") + len(b"instanceID>")
    xml = xml[:start] + own + xml[xml.index(b"<", start) :]
    return xml.replace(b'create="true" update="false"', b'update="1" baseVersion="1"')


class Story:
    """An office over two rounds in which everything happened that officers can decide."""

    def __init__(self, office: Office, client: FlaskClient, derive: Callable[[], int]) -> None:
        self.office, self.client, self.derive = office, client, derive
        added = office.add("Cộng Tác Viên Hai Phường", "collaborator", "05977", "05983")
        self.path = added.openrosa_url.removeprefix("http://127.0.0.1:8000")

    def send(self, *xmls: bytes) -> None:
        for xml in xmls:
            assert post(self.client, self.path, xml).status_code == 201
            self.office.clock.pass_(minutes=1)
        self.derive()

    def act(self, what: Callable[..., Any], *given: Any, **named: Any) -> Any:
        with self.office.app.app_context():
            begin_writing(db.session())
            found = what(db.session(), *given, now=self.office.clock(), **named)
            db.session.commit()
        self.office.clock.pass_(minutes=1)
        return found

    @property
    def officer(self) -> Who:
        return Who(self.id_of("people", "role", "administrator"), "Thử", "administrator")

    def id_of(self, table: str, column: str, value: str) -> str:
        return self.ids_of(table, column, value)[0]

    def ids_of(self, table: str, column: str, value: str) -> list[str]:
        made = Base.metadata.tables[table]
        with self.office.app.app_context():
            return [
                str(one)
                for one in db.session.scalars(
                    sa.select(made.c.id).where(made.c[column] == value).order_by(made.c.id)
                )
            ]

    def tell(self) -> None:
        first = ls_cl.household(
            [ls_cl.child("Nông Văn Thử", "1", (2012, 3, 4), grade="09"), ls_cl.overworked_child()],
            ward="05977", village=HERE,
        )  # fmt: skip
        twice = [
            ls_cl.child(name, "1", (2012, 3, 4), grade="09") for name in ("Nong Van Thu", "Nông Văn Thứ")
        ]
        self.send(
            first,
            *(
                ls_cl.household([one], ward="05983", village=THERE, number=n)
                for n, one in enumerate(twice, 2)
            ),
        )
        self.send(
            follow_up(first, b"2026-10-", 1, b"2012</d4_year>", b"2011</d4_year>"),
            follow_up(first, b"2026-10-", 2, b"2012</d4_year>", b"2013</d4_year>"),
        )
        self._join_and_part()
        self._choose()
        self._confirm()
        self._next_round(first)

    def _join_and_part(self) -> None:
        a, b = self.id_of("children", "name", "Nông Văn Thử"), self.id_of("children", "name", "Nong Van Thu")
        c = self.id_of("children", "name", "Nông Văn Thứ")
        decide = {"province": "20", "by": self.officer}
        self.act(same_child.decide_pair, a=a, b=b, verdict="same", **decide)
        self.act(same_child.decide_pair, a=b, b=c, verdict="same", **decide)
        self.act(same_child.decide_pair, a=b, b=c, verdict="undone", **decide)
        self.act(same_child.decide_pair, a=a, b=c, verdict="different", **decide)

    def _choose(self) -> None:
        child = self.id_of("children", "name", "Nông Văn Thử")
        with self.office.app.app_context():
            made = Base.metadata.tables["children"]
            rivals = db.session.scalar(sa.select(made.c.conflicts).where(made.c.id == child))
        about = {"province": "20", "kind": "child", "entity_id": child, "field": "birth", "by": self.officer}
        edits = [edit for edit, _ in rivals["birth"]]
        self.act(same_child.choose_value, edit_id=edits[0], **about)
        self.act(same_child.take_back_choice, **about)
        self.act(same_child.choose_value, edit_id=edits[-1], **about)

    def _confirm(self) -> None:
        observation = self.ids_of("observations", "class", "UNLAWFUL")[0]
        self.act(
            confirm_class.confirm_class,
            province="20",
            observation_id=observation,
            confirmed="LAWFUL",
            reason="Đã đến tận nơi xem lại",
            by=self.officer,
        )

    def _next_round(self, first: bytes) -> None:
        self.act(round_flow.close_round, "2026", by=None)
        self.office.clock.pass_(days=45)
        self.act(
            round_flow.open_round,
            round_flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 12, 31)),
            by=None,
        )
        walker = self.id_of("people", "role", "collaborator")
        home = self.ids_of("households", "village_code", HERE)[0]
        for given in (("village", "05977.902"), ("household", home)):
            self.act(assignments.change, "2027", walker, give=[given], by=self.officer)
        self.act(assignments.undo, "2027", 1, by=self.officer)
        self.office.clock.pass_(days=30)
        late = ls_cl.household([ls_cl.idle_child()], ward="05977", village=HERE, number=9)
        self.send(late, follow_up(first, b"2027-01-", 3, b"<e5>0</e5>", b"<e5>2</e5>"))
        with self.office.app.app_context():
            doubles.search(db.session(), province="20")
            db.session.commit()


@pytest.fixture
def told(office: Office, client: FlaskClient, derive: Callable[[], int]) -> Office:
    Story(office, client, derive).tell()
    return office


def everything(office: Office) -> dict[str, list[tuple[Any, ...]]]:
    with office.app.app_context():
        tables = [*derived.TABLES, *(Base.metadata.tables[name] for name in NOT_DERIVED)]
        found = {
            table.name: [
                tuple(map(str, row))
                for row in db.session.execute(sa.select(table).order_by(*table.primary_key.columns))
            ]
            for table in tables
        }
        db.session.rollback()
        return found


def test_the_story_holds_every_kind_of_decision(told: Office) -> None:
    rows = everything(told)
    assert {name for name in NOT_DERIVED if not rows[name]} == set()
    text = str(rows["children"])
    assert "2013" in text or "2011" in text
    assert {row[3] for row in rows["visits"]} == {"2026", "2027"}


def test_a_rebuild_changes_nothing(told: Office) -> None:
    before = everything(told)
    with told.app.app_context():
        assert rebuild_all(check=True).same
    assert everything(told) == before


def test_a_rebuild_from_nothing_gives_the_same(told: Office) -> None:
    """Whatever is derived is thrown away first, so that nothing can survive by standing there already."""
    before = everything(told)
    with told.app.app_context():
        begin_writing(db.session())
        for table in derived.TABLES:
            db.session.execute(sa.delete(table))
        db.session.commit()
        assert rebuild_all().failed == 0
    after = everything(told)
    assert after.pop("entity_log") != before.pop("entity_log")  # phones are told of rows that came anew
    assert after == before
