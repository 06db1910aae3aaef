"""Expressions that no phone can read are refused with sheet and row; odd ones that can be read are not."""

from __future__ import annotations

import pytest

from forms.expressions import broken_at
from forms.problems import Problems
from forms.publish import publish

FORM = """| survey |
| | type | name | label | constraint | calculation | relevant |
| | integer | tuoi | Tuổi | {constraint} |  |  |
| | calculate | tong |  |  | {calculation} |  |
| | text | ten | Tên |  |  | {relevant} |
| settings |
| | form_id | version |
| | thu | 1 |
"""


def form(constraint: str = ". > 0", calculation: str = "1", relevant: str = "true()") -> bytes:
    return FORM.format(constraint=constraint, calculation=calculation, relevant=relevant).encode()


@pytest.mark.parametrize(
    ("given", "row", "column", "mark"),
    [
        ({"constraint": ". = 'x"}, 2, "constraint", "'"),
        ({"constraint": "(. > 1"}, 2, "constraint", "("),
        ({"calculation": "if(1, 2, 3))"}, 3, "calculate", ")"),
        ({"relevant": "(1 = 1]"}, 4, "relevant", "]"),
    ],
)
def test_a_broken_expression_names_its_row_and_the_mark(
    given: dict[str, str], row: int, column: str, mark: str
) -> None:
    with pytest.raises(Problems) as raised:
        publish(form(**given), "thu.md")
    (problem,) = raised.value.problems
    assert problem.kind.code == "F271"
    assert problem.where == f"survey, hàng {row}"
    assert f"{column} của câu" in problem.message("vi")
    assert problem.message("en").count(mark) >= 1


@pytest.mark.parametrize(
    "expression",
    ["regex(., '^[(0-9]+$')", 'concat("it\'s (", \'a "b" ]\')', "/a/b[position() = 1]/c", "'‘trích’'", ""],
)
def test_marks_within_a_literal_are_text(expression: str) -> None:
    assert broken_at(expression) is None


def test_quotation_marks_of_a_word_processor_are_named() -> None:
    """XLSForms are mended by the converter; a ready XForm comes as it is."""
    assert broken_at("concat('a', ‘b’)") == "‘"
    publish(form(calculation="concat('a', ‘b’)"), "thu.md")
