"""Every decision about an incoming submission, as a table: what is known, what comes, what is done."""

from __future__ import annotations

import pytest

from sync.decide import (
    Accept,
    AlreadyHave,
    Conflict,
    Decision,
    Edit,
    Incoming,
    Kept,
    Known,
    Overtaken,
    Quarantine,
    decide,
)

FIRST = Kept("1", "aaa", "current")
OTHER = Kept("2", "bbb", "conflict")
OLD = Kept("3", "ccc", "superseded")


@pytest.mark.parametrize(
    ("incoming", "known", "deprecated", "expected"),
    [
        pytest.param(Incoming("i", "aaa"), [], [], Accept(), id="new"),
        pytest.param(Incoming("i", "aaa"), [FIRST], [], AlreadyHave("1"), id="same bytes again"),
        pytest.param(
            Incoming("i", "bbb"), [FIRST, OTHER], [], AlreadyHave("2"), id="same conflicting bytes again"
        ),
        pytest.param(Incoming("i", "bbb"), [FIRST], [], Conflict("1"), id="same id, other bytes"),
        pytest.param(
            Incoming("i", "ddd"),
            [OTHER, FIRST],
            [],
            Conflict("1"),
            id="a third version, beside the one that counts",
        ),
        pytest.param(Incoming("n", "ddd", "i"), [], [FIRST], Edit("1"), id="an edit of the current one"),
        pytest.param(
            Incoming("n", "ddd", "i"), [], [OLD], Conflict("3"), id="a second edit of a replaced one"
        ),
        pytest.param(
            Incoming("n", "ddd", "x"), [], [], Accept(), id="an edit of something unknown is kept as new"
        ),
        pytest.param(Incoming("n", "ddd", "n"), [], [FIRST], Accept(), id="an edit that names itself"),
        pytest.param(Incoming("i", "aaa", None, True), [], [], Quarantine(), id="from a removed person"),
        pytest.param(
            Incoming("i", "aaa", None, True), [FIRST], [], AlreadyHave("1"), id="removed, but had already"
        ),
    ],
)
def test_decide(incoming: Incoming, known: list[Kept], deprecated: list[Kept], expected: Decision) -> None:
    assert decide(incoming, Known(known, deprecated)) == expected


def test_an_edit_may_overtake_its_original() -> None:
    edit = Kept("9", "eee", "current")
    assert decide(Incoming("i", "aaa"), Known(edits=[edit])) == Overtaken("9")
    assert decide(Incoming("i", "aaa", None, True), Known(edits=[edit])) == Quarantine()
    assert decide(Incoming("m", "fff", "i"), Known(rivals=[edit])) == Conflict("9")
    lost = Kept("9", "eee", "conflict")
    assert decide(Incoming("i", "aaa"), Known(edits=[lost])) == Accept()
