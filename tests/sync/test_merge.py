"""Two phones, one child: disjoint changes meet, clashing ones wait, and the order of arrival never matters."""

from __future__ import annotations

from random import Random
from typing import Any

from devices import arrival_matters, invented, lost, random_history
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.histories import Edit, State, settle
from sync.merge import changes, merge, same

VALUES = st.one_of(st.none(), st.booleans(), st.integers(0, 2), st.sampled_from(["Thử", "Mẫu"]), st.floats())
RECORDS = st.dictionaries(st.sampled_from(["name", "birth", "school", "work"]), VALUES)


def test_disjoint_changes_merge() -> None:
    base = {"name": "Trẻ Thử", "school": "yes", "work": "no"}
    found = merge(base, {**base, "school": "no"}, {**base, "work": "yes"})
    assert found.values == {"name": "Trẻ Thử", "school": "no", "work": "yes"}
    assert found.conflicts == {}


def test_clashing_changes_keep_both_and_the_base_stands() -> None:
    found = merge({"birth": "2014"}, {"birth": "2014-02"}, {"birth": "2013"})
    assert found.values == {"birth": "2014"}
    assert found.conflicts == {"birth": ("2014-02", "2013")}


def test_taking_away_against_changing_is_a_clash() -> None:
    found = merge({"work": "yes"}, {}, {"work": "no"})
    assert found.conflicts == {"work": (None, "no")}


def test_absent_and_blank_agree() -> None:
    assert merge({"work": "yes"}, {}, {"work": None}).conflicts == {}


def test_one_is_not_true() -> None:
    assert merge({"n": 1}, {"n": True}, {"n": 2}).conflicts == {"n": (True, 2)}


@given(RECORDS, RECORDS)
def test_one_side_alone_is_taken_whole(base: dict[str, Any], mine: dict[str, Any]) -> None:
    for found in (merge(base, mine, base), merge(base, base, mine), merge(base, mine, mine)):
        assert found.conflicts == {}
        assert same(found.values, {name: mine[name] for name in found.values})
        assert found.values.keys() == mine.keys()


@given(RECORDS, RECORDS, RECORDS)
def test_sides_change_places(base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]) -> None:
    one, other = merge(base, mine, theirs), merge(base, theirs, mine)
    assert same(one.values, other.values)
    assert same(one.conflicts, {name: pair[::-1] for name, pair in other.conflicts.items()})


@given(RECORDS, RECORDS, RECORDS)
def test_histories_give_what_the_merge_gives(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    first = Edit("0", frozenset(), base)
    sides = [Edit(key, frozenset({"0"}), changes(base, side)) for key, side in (("1", mine), ("2", theirs))]
    state, merged = settle([first, *sides]), merge(base, mine, theirs)
    assert state.conflicts.keys() == merged.conflicts.keys()
    for name, value in state.values.items():
        assert same(value, merged.values.get(name))
    assert set(merged.values) <= set(state.values)


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 5), st.integers(2, 16))
def test_random_histories(seed: int, phones: int, steps: int) -> None:
    random = Random(seed)
    history = random_history(random, phones=phones, steps=steps)
    state = settle(history.edits)
    assert lost(history, state) == []
    assert invented(history, state) == []
    assert not arrival_matters(history, random)


def test_an_officers_choice_ends_the_conflict() -> None:
    edits = [
        Edit("0", frozenset(), {"birth": "2014"}),
        Edit("1", frozenset({"0"}), {"birth": "2013"}),
        Edit("2", frozenset({"0"}), {"birth": "2015"}),
    ]
    assert settle(edits).conflicts == {"birth": (("1", "2013"), ("2", "2015"))}
    chosen = settle([Edit("c", frozenset({"1", "2"}), {"birth": "2013"}), *edits])
    assert (chosen.values, chosen.conflicts) == ({"birth": "2013"}, {})


def test_a_circle_of_a_broken_phone_ends() -> None:
    edits = [Edit("a", frozenset({"b"}), {"x": 1}), Edit("b", frozenset({"a"}), {"x": 2})]
    assert settle(edits) == settle(edits[::-1])
    assert settle(edits).conflicts == {"x": (("a", 1), ("b", 2))}


def test_a_long_line_of_edits_is_no_trouble() -> None:
    line = [Edit(str(n), frozenset({str(n - 1)} if n else ()), {"x": n}) for n in range(2000)]
    assert settle(line).values == {"x": 1999}


def test_the_check_itself_sees_a_loss() -> None:
    """The proof is worth something only if a merge that drops a rival is caught."""
    history = next(h for n in range(99) if settle((h := random_history(Random(n))).edits).conflicts)
    state = settle(history.edits)
    (name, rivals), *_ = state.conflicts.items()
    careless = State({**state.values, name: rivals[0][1]}, {})
    assert lost(history, careless)


def test_the_check_itself_sees_a_false_alarm() -> None:
    history = random_history(Random(1), phones=1)
    state = settle(history.edits)
    assert state.conflicts == {}
    assert invented(history, State({}, {"work": ((history.edits[0].id, "a"),)})) == ["work"]
