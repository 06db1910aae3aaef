"""Who may what, where; and how guesses are slowed down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from server.access.rules import Who, may, may_add, may_see_place
from server.access.throttle import FREE_TRIES, Throttle

ADMIN = Who("1", "Quản trị", "administrator")
OFFICER = Who("2", "Cán bộ", "officer", ("05977",))
COLLABORATOR = Who("3", "Cộng tác viên", "collaborator", ("05977.901",))


def test_rights_follow_the_role() -> None:
    assert may(ADMIN, "manage_people")
    assert may(OFFICER, "export")
    assert not may(OFFICER, "manage_people")
    assert [right for right in ("see_records", "export", "review") if may(COLLABORATOR, right)] == []


def test_an_area_bounds_what_is_seen() -> None:
    assert may_see_place(ADMIN, "06187", None)
    assert may_see_place(OFFICER, "05977", "05977.902")
    assert not may_see_place(OFFICER, "06187", "06187.901")
    assert may_see_place(COLLABORATOR, "05977", "05977.901")
    assert not may_see_place(COLLABORATOR, "05977", "05977.902")
    assert not may_see_place(Who("4", "Không địa bàn", "collaborator"), "05977", None)


def test_an_officer_adds_collaborators_of_the_own_area_only() -> None:
    assert may_add(OFFICER, "collaborator", ["05977"])
    assert not may_add(OFFICER, "collaborator", ["06187"])
    assert not may_add(OFFICER, "collaborator", [])
    assert not may_add(OFFICER, "officer", ["05977"])
    assert may_add(ADMIN, "administrator", [])


def test_guesses_wait_longer_each_time_and_a_success_clears() -> None:
    throttle, now = Throttle(), datetime(2026, 11, 24, tzinfo=UTC)
    for _ in range(FREE_TRIES):
        assert throttle.wait("a", now) == 0
        throttle.failed("a", now)
    assert throttle.wait("a", now) == 2
    assert throttle.wait("b", now) == 0
    throttle.failed("a", now)
    assert throttle.wait("a", now) == 4
    assert throttle.wait("a", now + timedelta(seconds=4)) == 0
    throttle.succeeded("a")
    assert throttle.wait("a", now) == 0


def test_the_longest_wait_is_bounded() -> None:
    throttle, now = Throttle(), datetime(2026, 11, 24, tzinfo=UTC)
    for _ in range(60):
        throttle.failed("a", now)
    assert throttle.wait("a", now) == 15 * 60
