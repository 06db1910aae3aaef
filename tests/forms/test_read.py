"""From the XML of an interview to a typed record that keeps everything that was sent."""

from __future__ import annotations

import unicodedata

import pytest

from forms.problems import Problem
from forms.publish import publish
from forms.read import Record, read_submission
from forms.schema import FormSchema, read_schema
from forms.values import Position
from tests.builders import ls_cl
from tests.builders.instances import fill

KINDS = """
| survey |
| | type | name | label | parameters |
| | start | start | | |
| | end | end | | |
| | today | today | | |
| | deviceid | deviceid | | |
| | text | words | Words | |
| | integer | whole | Whole | |
| | decimal | part | Part | |
| | date | day | Day | |
| | time | hour | Hour | |
| | dateTime | moment | Moment | |
| | select_one list | one | One | |
| | select_multiple list | many | Many | |
| | rank list | order | Order | |
| | range | level | Level | start=0 end=10 step=1 |
| | geopoint | point | Point | |
| | geotrace | line | Line | |
| | geoshape | area | Area | |
| | acknowledge | sure | Sure | |
| | barcode | code | Code | |
| | image | photo | Photo | max-pixels=800 |
| | audio | sound | Sound | |
| | video | film | Film | |
| | file | paper | Paper | |
| | note | remark | Remark | |
| | begin group | inner | Inner | |
| | begin repeat | visit | Visit | |
| | text | place | Place | |
| | begin repeat | thing | Thing | |
| | integer | count | Count | |
| | end repeat | | | |
| | end repeat | | | |
| | end group | | | |
| choices |
| | list_name | name | label |
| | list | a | A |
| | list | b | B |
| settings |
| | form_id | version |
| | kinds | 3 |
"""


@pytest.fixture(scope="module")
def kinds() -> FormSchema:
    return read_schema(publish(KINDS.encode(), "kinds.md").xform)


def record(form: FormSchema, answers: dict[str, object]) -> Record:
    return read_submission(fill(form, answers, instance_id="uuid:1"), form)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("words", "Phường Đông Kinh", "Phường Đông Kinh"),
        ("words", unicodedata.normalize("NFD", "Trẻ Một"), "Trẻ Một"),
        ("words", "007", "007"),
        ("whole", "-12", -12),
        ("level", "7", 7),
        ("part", "2.25", 2.25),
        ("day", "2026-10-12", "2026-10-12"),
        ("day", "2026-10-12T00:00:00.000+07:00", "2026-10-12"),
        ("hour", "08:30:00.000+07:00", "08:30:00.000+07:00"),
        ("moment", "2026-10-12T08:30:00.000+07:00", "2026-10-12T08:30:00.000+07:00"),
        ("one", "a", "a"),
        ("many", "a  b", ("a", "b")),
        ("order", "b a", ("b", "a")),
        ("point", "21.84 106.76 260.5 8", Position(21.84, 106.76, 260.5, 8.0)),
        ("point", "21.84 106.76", Position(21.84, 106.76)),
        ("line", "1 2 0 0; 3 4 0 0", (Position(1, 2, 0, 0), Position(3, 4, 0, 0))),
        ("area", "1 2;3 4;1 2;", (Position(1, 2), Position(3, 4), Position(1, 2))),
        ("sure", "OK", "OK"),
        ("code", "893", "893"),
        ("photo", "ảnh.jpg", "ảnh.jpg"),
        ("words", "", None),
        ("whole", "", None),
        ("many", "", None),
    ],
)
def test_texts_become_typed_values(kinds: FormSchema, name: str, text: str, value: object) -> None:
    found = record(kinds, {name: text})
    assert found.answers.values[name] == value
    assert found.misfits == ()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("whole", "ba"),
        ("whole", "1.5"),
        ("whole", "1" * 30),
        ("part", "NaN"),
        ("part", "inf"),
        ("part", "1_0"),
        ("day", "12/10/2026"),
        ("point", "abc"),
        ("point", "1"),
        ("point", "1 2 3 4 5"),
        ("point", "91 0"),
        ("line", "1 2;x y"),
        ("line", ";"),
    ],
)
def test_what_does_not_fit_its_type_is_kept_as_text_and_named(
    kinds: FormSchema, name: str, text: str
) -> None:
    found = record(kinds, {name: text})
    assert found.answers.values[name] == text
    assert found.misfits == (f"/{name}",)


def test_a_question_that_was_not_relevant_is_absent(kinds: FormSchema) -> None:
    assert "whole" not in record(kinds, {"words": "x"}).answers.values


def test_nested_repeats_are_rows_in_rows(kinds: FormSchema) -> None:
    visits = [{"place": "A", "thing": [{"count": 1}, {"count": 2}]}, {"place": "B"}]
    found = record(kinds, {"visit": visits}).answers.repeats["inner/visit"]
    assert [(row.position, row.values["place"]) for row in found] == [(1, "A"), (2, "B")]
    assert [row.values["count"] for row in found[0].repeats["thing"]] == [1, 2]
    assert found[1].repeats == {}


def test_files_and_times_are_named(kinds: FormSchema) -> None:
    answers = {
        "photo": "a.jpg",
        "sound": "b.m4a",
        "film": "c.mp4",
        "paper": "d.pdf",
        "words": "not_a_file.txt",
    }
    times = {"start": "2026-10-12T08:00:00.000+07:00", "end": "2026-10-12T08:40:00.000+07:00"}
    found = record(kinds, answers | times | {"today": "2026-10-12", "deviceid": "d1"})
    assert found.files == ("a.jpg", "b.m4a", "c.mp4", "d.pdf")
    assert (found.start, found.end) == (times["start"], times["end"])
    assert (found.today, found.device_id) == ("2026-10-12", "d1")


def test_what_the_form_does_not_know_is_kept_apart(kinds: FormSchema) -> None:
    body = "<words>x</words><new><deep>y</deep></new><meta><instanceID>u</instanceID></meta>"
    xml = f'<kinds id="kinds" version="3">{body}</kinds>'.encode()
    found = read_submission(xml, kinds)
    assert found.answers.values["words"] == "x"
    assert found.strangers == {"/new/deep": "y"}


def test_another_form_and_an_encrypted_record_are_refused(kinds: FormSchema) -> None:
    with pytest.raises(Problem) as raised:
        read_submission(ls_cl.household(), kinds)
    assert raised.value.kind.name == "submission_of_other_form"
    with pytest.raises(Problem) as raised:
        read_submission(b'<d id="kinds" encrypted="yes"/>', kinds)
    assert raised.value.kind.name == "submission_is_encrypted"


def test_entities_with_their_properties() -> None:
    found = read_submission(ls_cl.household([ls_cl.lawful_child()], number=12), ls_cl.schema())
    (house,) = found.answers.entities
    assert (house.dataset, house.action) == ("household", "create")
    assert house.properties == {"ward": "05977", "village": "05977.001", "number": "12"}
    adult, child = found.answers.repeats["member"]
    assert adult.entities[0].action is None
    assert child.entities[0].label == "Trẻ Một"
    assert child.entities[0].properties["birth_year"] == "2012"


def test_the_whole_interview_is_understood() -> None:
    children = [ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child(), ls_cl.idle_child()]
    found = read_submission(ls_cl.household(children, photo="phieu.jpg"), ls_cl.schema())
    assert (found.strangers, found.misfits, found.files) == ({}, (), ("phieu.jpg",))
    assert [len(row.repeats.get("child/work/job", ())) for row in found.answers.repeats["member"]] == [
        0,
        1,
        1,
        1,
        0,
    ]
