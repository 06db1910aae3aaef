"""The shipped questionnaire LS-CL 1.0: every question and code, both languages, no remark from any checker."""

from __future__ import annotations

import shutil
import subprocess
from importlib import resources
from pathlib import Path

from forms.facts import declared_problems, vocabulary
from forms.publish import publish
from forms.schema import Field
from tests.builders.ls_cl import schema, shipped, source

# The ids of the questionnaire, and the questions of the form that ask them where the name is not the id itself.
IDS = (
    [f"A{n}" for n in range(1, 9)]
    + [f"B{n}" for n in range(1, 6)]
    + [f"C{n}" for n in range(1, 16)]
    + [f"D{n}" for n in range(1, 12)]
    + [f"E{n}" for n in range(1, 8)]
    + [f"F{n}" for n in range(1, 9)]
    + [f"G{n}" for n in range(1, 9)]
    + [f"G9{letter}" for letter in "abcdefg"]
    + [f"G{n}" for n in range(10, 23)]
    + [f"H{n}" for n in range(1, 11)]
    + [f"I{n}" for n in range(1, 6)]
    + [f"K{n}" for n in range(1, 10)]
    + ["L1", "L2", "L3"]
)
ASKED_IN_PARTS = {
    "D4": ("d4_year", "d4_month", "d4_day"),
    "E7": ("e7_month", "e7_year"),
    "G12": ("g12_month", "g12_year"),
    "G19": ("g19", "g19_to"),
    "K2": ("k2", "k2_months"),
}
CODES = {
    "a5": "1 2 3 4 5 6",
    "a6": "1 2 3 4 5 6 7",
    "a7": "1 2 3 4",
    "b1": "1 2",
    "b3": "1 2 3",
    "c3": "1 2 3 4 5 6 7 8 9",
    "c6": "1 2 3",
    "c7": "1 2 3 4 5",
    "c8": "1 2 3",
    "c10": "1 2 3 4 5 6 7 8 9 10 11",
    "c11": "0 1 2 3 4 5 6 7 8",
    "c12": "1 2 3 4 5 0",
    "c13": "1 2 8 9",
    "c14": "1 2 3 4 5 6 7 8",
    "d3": "1 2 9",
    "d7": "1 2 3 4 5 6 7 8",
    "d8": "1 2 3 4 8",
    "d10": "1 2 3",
    "e3": "00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 98",
    "e6": "1 2 3 4 5 6 7 8 9 10 11 12",
    "f8": "1 2 3",
    "g2": "A B C D E F G H I J K L M N O P Q R S T U V",
    "g3": "9 5 6 7 1 2 3 4 8 0",
    "g5": "1 2 3 4 5",
    "g6": "1 2 3 4 5 6 8",
    "g8": "01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 17",
    "g10": "1 2 3 4 5 6",
    "g14": "1 2 3 8",
    "g16": "1 2 3 8",
    "g18": "1 2 3 7",
    "g19_to": "1 2 3 4 5",
    "g20": "1 2 3 4 5 6 7 8 9 10",
    "h1": "1 2 3",
    "h3": " ".join(str(n) for n in range(20)),
    "h4": "0 1 2 3 4 5 6 7 8 9",
    "h5": "0 1 2 3 4 5 6 7 8",
    "h6": "1 2 8 9",
    "h7": "1 2 3 7",
    "h8": "0 1 2 3 4 5 6 7 8 9 10",
    "h9": "1 2 3 4 5",
    "k1": "1 2 3 4 8",
    "k5": " ".join(str(n) for n in range(13)),
    "k8": "1 2 3 4",
    "l1": "0 1 2 3 4",
    "l2": "1 2 3",
}
# Articles of the banned jobs (LC 147(1), TT09 Annex III) and places (LC 147(2), Annex IV) behind the answers.
ARTICLES = {
    ("h3", "banned_jobs"): {
        "0": "-",
        "1": "J147b",
        "2": "J147c",
        "3": "J147d",
        "4": "J147dd",
        "5": "J147e",
        "6": "J147g",
        "7": "III-12 III-13",
        "8": "III-16",
        "9": "III-18 III-19 III-20 III-25",
        "10": "III-23 III-32",
        "11": "III-29",
        "12": "III-50 III-51 III-52 III-53",
        "13": "?",
        "14": "III-62",
        "15": "III-65",
        "16": "III-67",
        "17": "III-64",
        "18": "III-17 III-22",
        "19": "?",
    },
    ("h4", "places"): {
        "0": "-",
        "1": "P147b",
        "2": "P147a",
        "3": "P147a",
        "4": "P147c",
        "5": "P147d",
        "6": "IV-4",
        "7": "IV-5",
        "8": "IV-2",
        "9": "IV-6",
    },
    ("h5", "places"): {
        "0": "-",
        "1": "?",
        "2": "?",
        "3": "?",
        "4": "?",
        "5": "-",
        "6": "-",
        "7": "-",
        "8": "-",
    },
    ("h6", "places"): {"1": "IV-3", "2": "-", "8": "?", "9": "?"},
    ("g8", "places"): {
        **dict.fromkeys(("01", "02", "03", "04", "05", "06", "07", "09", "14", "15", "16", "17"), "-"),
        "08": "P147d",
        "10": "P147b",
        "11": "P147a",
        "12": "P147a",
        "13": "P147c",
    },
    ("g5", "relation"): {
        "1": "employer",
        "2": "apprentice",
        "3": "family",
        "4": "own_account",
        "5": "own_account",
    },
}


def named(name: str) -> Field:
    found = [field for field in schema().questions() if field.name == name]
    assert len(found) == 1, name
    return found[0]


def test_it_converts_without_a_remark_and_always_to_the_same_bytes() -> None:
    form = shipped()
    assert (form.form_id, form.version) == ("ls_cl", "1.1")
    assert form.title == "LS-CL 1.0 Phiếu khảo sát lao động trẻ em"
    assert [problem.message("en") for problem in form.warnings] == []
    assert set(form.media) == {"wards.csv", "villages.csv", "household.csv", "child.csv"}
    assert publish(source(), "ls_cl.md") == form


if shutil.which("java"):

    def test_odk_validate_accepts_it(tmp_path: Path) -> None:
        jar = resources.files("pyxform") / "validators" / "odk_validate" / "bin" / "ODK_Validate.jar"
        file = tmp_path / "ls_cl.xml"
        file.write_bytes(shipped().xform)
        command = ["java", "-Djava.awt.headless=true", "-jar", str(jar), str(file)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout + done.stderr


def test_every_question_of_the_list_is_asked_with_its_id_in_the_label() -> None:
    assert len(set(IDS)) == len(IDS)
    for number in IDS:
        for name in ASKED_IN_PARTS.get(number, (number.lower(),)):
            field = named(name)
            assert all(label.startswith(f"{number}. ") for label in field.labels.values()), name


def test_every_text_is_there_in_both_languages_vietnamese_first() -> None:
    form = schema()
    both = {"Tiếng Việt (vi)", "English (en)"}
    assert form.languages == ("Tiếng Việt (vi)", "English (en)")
    assert form.default_language == "Tiếng Việt (vi)"
    for field in form.fields.values():
        asked = field.kind in {"question", "note", "repeat"}
        for texts in (
            field.labels,
            field.hints,
            field.bind.constraint_messages,
            field.bind.required_messages,
        ):
            assert set(texts) in ({}.keys(), both), field.name
            assert "-" not in texts.values(), field.name
        assert field.labels or not asked, field.name
        assert field.bind.constraint_messages or not field.bind.constraint, field.name
        assert field.bind.required_messages or not field.bind.required, field.name
        for choice in field.choices.by_value.values() if field.choices else ():
            assert set(choice.labels) == both, (field.name, choice.value)


def test_every_list_has_its_codes_in_order() -> None:
    for name, codes in CODES.items():
        choices = named(name).choices
        assert choices is not None, name
        assert list(choices.by_value) == codes.split(), name
    for number in (
        "c13",
        "c15",
        "d9",
        "e1",
        "e2",
        *(f"f{n}" for n in range(1, 8)),
        "g11",
        "g13",
        "g15",
        "g17",
    ):
        assert list(named(number).choices.by_value) == ["1", "2", "8", "9"]  # type: ignore[union-attr]


def test_ethnic_groups_are_the_official_list_with_the_province_s_own_first() -> None:
    choices = named("d5").choices
    assert choices is not None
    assert sorted(choices.by_value) == [f"{code:02d}" for code in range(1, 57)]
    assert list(choices.by_value)[:7] == ["02", "07", "01", "09", "04", "15", "08"]
    assert choices.label("02", "Tiếng Việt (vi)") == "Tày"


def test_answers_carry_the_articles_of_the_law() -> None:
    for (name, column), codes in ARTICLES.items():
        choices = named(name).choices
        assert choices is not None
        assert {code: choice.columns.get(column) for code, choice in choices.by_value.items()} == codes, name
    place = named("g8").choices
    assert place is not None
    assert place.by_value["14"].columns["banned_jobs"] == "III-65"


def test_the_list_of_circular_09_depends_on_age() -> None:
    choices = named("g4").choices
    assert choices is not None
    light = [code for code in choices.by_value if code.startswith("II-")]
    listed = [code for code in choices.by_value if code.startswith("V-")]
    assert (len(light), len(listed)) == (12, 21)
    assert [code for code, choice in choices.by_value.items() if choice.columns["night_job"] != "-"] == [
        "II-01",
        "II-02",
        "V-01",
        "V-02",
    ]
    by_age = {
        code: (choice.columns["from_m"], choice.columns["to_m"]) for code, choice in choices.by_value.items()
    }
    assert by_age["II-01"] == ("0", "180")
    assert by_age["II-06"] == ("156", "180")
    assert by_age["V-16"] == ("180", "216")


def test_it_declares_every_fact_but_the_round_which_the_server_knows() -> None:
    form = schema()
    declared = {fact for field in form.fields.values() for fact in field.facts}
    assert declared_problems(form) == ()
    assert set(vocabulary()) - declared == {"household.round"}


def test_household_and_child_are_entities_and_the_photo_is_small() -> None:
    form = schema()
    assert [(entity.dataset, form.repeats_of(entity.path)) for entity in form.entities] == [
        ("household", ()),
        ("child", ("/member",)),
    ]
    assert dict(form.entities[0].properties)["village"] == "sec_a/a_where/a2"
    assert named("b3_photo").parameters["max-pixels"] == "1600"


def test_who_is_known_is_updated_and_who_is_new_is_created() -> None:
    form = schema()
    household, child = form.entities
    for entity in (household, child):
        assert {f"{entity.path}/@{name}" for name in ("id", "create", "update", "baseVersion")} <= set(
            form.attributes
        )
    assert dict(child.properties) == {
        "full_name": "person/d1",
        "birth_year": "person/d4_year",
        "birth_month": "person/d4_month",
        "birth_day": "person/d4_day",
        "household": "child_household",
        "sex": "child_sex",
        "status": "child_status",
    }
    assert named("d0").facts == ("child.known",)
    assert named("a0").facts == ("household.known",)


def test_what_became_of_a_child_is_an_answer() -> None:
    for name, meanings in (
        ("d0_now", ["here", "moved", "died", "wrong"]),
        ("d0_joined", ["from_outside", "from_household", "came_of_age", "missed"]),
    ):
        choices = named(name).choices
        assert choices is not None
        column = named(name).facts[0].removeprefix("child.")
        assert [choice.columns[column] for choice in choices.by_value.values()] == meanings


def test_warnings_are_notes_and_never_stop_an_interview() -> None:
    notes = [field for field in schema().fields.values() if field.kind == "note"]
    assert len(notes) >= 15
    assert all(not field.bind.required and not field.bind.constraint for field in notes)
    assert all(field.bind.relevant for field in notes)


def test_urgent_questions_are_hidden_while_the_employer_is_present() -> None:
    form = schema()
    order = [field.name for field in form.questions()]
    for name in ("g21", "g22", "h10", "k7"):
        private = next(group for group in form.parents_of(named(name).path) if group.name == "private")
        assert "not(selected( ../l_present/l1 , '2'))" in private.bind.relevant
        assert order.index("l1") < order.index(name)


def test_a_partly_completed_interview_may_leave_questions_blank() -> None:
    unconditional = {field.name for field in schema().questions() if field.bind.required == "true()"}
    assert unconditional == {"a0_new", "a1", "a2", "a3", "a4", "a5", "b1", "b2", "d1", "d4_year"}
