"""Which edits a phone had seen, told by the versions it names; and what comes of it, in any order of arrival."""

from __future__ import annotations

from itertools import permutations

from sync.versions import Written, settled

BORN = Written("0", {"name": "Trẻ Thử", "birth": "2014", "school": "yes"})


def update(key: str, base: int | None, **values: str) -> Written:
    return Written(key, {**BORN.values, **values}, creates=False, base=base)


def test_one_after_the_other_replaces() -> None:
    found = settled([BORN, update("1", 1, birth="2013"), update("2", 2, birth="2012")])
    assert (found.values["birth"], found.conflicts) == ("2012", {})


def test_two_phones_on_one_version_merge_what_is_disjoint() -> None:
    found = settled([BORN, update("1", 1, birth="2013"), update("2", 1, school="no")])
    assert found.values == {"name": "Trẻ Thử", "birth": "2013", "school": "no"}
    assert found.conflicts == {}


def test_two_phones_that_clash_wait_and_the_old_value_stands() -> None:
    found = settled([BORN, update("1", 1, birth="2013"), update("2", 1, birth="2015")])
    assert found.values["birth"] == "2014"
    assert found.conflicts == {"birth": (("1", "2013"), ("2", "2015"))}


def test_confirming_is_no_change() -> None:
    found = settled([BORN, update("1", 1, birth="2013"), update("2", 1)])
    assert (found.values["birth"], found.conflicts) == ("2013", {})


def test_an_update_without_version_asks_rather_than_overwrites() -> None:
    found = settled([BORN, update("1", 1, birth="2013"), update("2", None, birth="2015")])
    assert set(found.conflicts) == {"birth"}


def test_a_chain_made_offline_is_one_line_in_any_order_of_arrival() -> None:
    first = Written("1", {**BORN.values, "birth": "2013"}, False, base=1, trunk=1, branch="b")
    second = Written("2", {**BORN.values, "birth": "2012"}, False, base=2, trunk=1, branch="b")
    for line in permutations([first, second]):
        found = settled([BORN, *line])
        assert (found.values["birth"], found.conflicts) == ("2012", {})


def test_an_officers_choice_counts_until_someone_who_saw_it_writes_again() -> None:
    choice = Written("choice", {"birth": "2015"}, chosen_over=frozenset({"0", "1", "2"}))
    line = [BORN, update("1", 1, birth="2013"), update("2", 1, birth="2015"), choice]
    assert (settled(line).values["birth"], settled(line).conflicts) == ("2015", {})
    later = settled([*line, update("3", 4, birth="2010")])
    assert (later.values["birth"], later.conflicts) == ("2010", {})
    late = settled([*line, update("3", 1, birth="2010")])
    assert set(late.conflicts) == {"birth"}


def test_a_choice_that_was_taken_back_keeps_its_number() -> None:
    empty = Written("choice", {}, chosen_over=frozenset({"0", "1", "2"}))
    line = [BORN, update("1", 1, birth="2013"), update("2", 1, birth="2015"), empty]
    assert set(settled(line).conflicts) == {"birth"}


def test_versions_in_a_circle_end() -> None:
    odd = [update("1", 2, birth="2013"), update("2", 2, birth="2015")]
    assert set(settled(odd).conflicts) <= {"birth"}


def test_what_a_visit_does_not_speak_of_stays() -> None:
    met_nobody = Written("1", {"school": "yes"}, creates=False, base=1)
    found = settled([BORN, met_nobody])
    assert (found.values, found.conflicts) == (dict(BORN.values), {})
