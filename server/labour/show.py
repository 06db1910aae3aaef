"""The rules of a profile in words, row by row, for whoever reads the law rather than the code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.labour.ages import OLDEST
from server.labour.profiles import Profile, Rule, Test

RELATIONS = {
    "employer": "làm thuê",
    "apprentice": "học nghề",
    "family": "gia đình",
    "own_account": "tự làm",
}
SIGNS = {">": ">", ">=": "≥", "<": "<", "<=": "≤"}
KNOWN = {True: "có", False: "không", "none": "ngoài danh mục"}


@dataclass(frozen=True)
class RowInWords:
    """One row as a person reads it; ``result`` is the class, ``code`` the finding if it makes one."""

    row: str
    age: str
    relation: str
    condition: str
    result: str
    code: str
    articles: tuple[str, ...]
    text_vi: str
    text_en: str

    def as_data(self) -> dict[str, object]:
        """As JSON."""
        return {
            "row": self.row,
            "age": self.age,
            "relation": self.relation,
            "condition": self.condition,
            "result": self.result,
            "code": self.code,
            "articles": list(self.articles),
            "text": {"vi": self.text_vi, "en": self.text_en},
        }


def rows_in_words(profile: Profile) -> tuple[RowInWords, ...]:
    """Every row of the profile, findings first in the order of the table."""
    return tuple(_rows(profile))


def _rows(profile: Profile) -> Iterator[RowInWords]:
    for rule in sorted((*profile.rules, *profile.bases), key=_place):
        yield RowInWords(
            row=rule.row,
            age=_age(rule.age),
            relation=", ".join(RELATIONS[name] for name in rule.relation),
            condition=_condition(rule),
            result=_result(rule),
            code=rule.code + rule.suffix,
            articles=rule.articles + tuple(article for _, more in rule.also for article in more),
            text_vi=rule.vi,
            text_en=rule.en,
        )
    for band in profile.bands:
        words = " hoặc ".join(_test(test) for test in band.tests)
        yield RowInWords(
            "",
            _age(band.age),
            "",
            words,
            "child_labour",
            "",
            band.articles,
            profile.title_vi,
            profile.title_en,
        )


def _place(rule: Rule) -> tuple[bool, int, str]:
    """D2 before D14 before D14b; what is no row of the table comes last."""
    digits = "".join(letter for letter in rule.row if letter.isdigit())
    return not digits, int(digits or 0), rule.row


def _age(age: tuple[int, int]) -> str:
    low, high = (months // 12 for months in age)
    if age[1] > OLDEST:
        return f"≥{low}"
    return f"{low}–<{high}" if low else f"<{high}"


def _condition(rule: Rule) -> str:
    words = [_test(test) for test in rule.when]
    if rule.clean:
        words.append(f"không có {', '.join(rule.clean)}")
    if rule.unless_found:
        words.append(f"khi không có {', '.join(rule.unless_found)}")
    words += [f"nếu {name} = {str(value).lower()}" for name, value in rule.only_if]
    return " và ".join(words)


def _result(rule: Rule) -> str:
    if rule.class_if is not None:
        choices = ", ".join(f"{name} = {str(value).lower()}" for name, value in rule.class_if[0])
        return f"{rule.class_} ({rule.class_if[1]} nếu {choices})"
    if rule.counts_if:
        choices = ", ".join(f"{name} = {str(value).lower()}" for name, value in rule.counts_if)
        return f"{rule.class_} (trái luật nếu {choices})"
    return rule.class_


def _test(test: Test) -> str:
    if test.any_of:
        return f"({' hoặc '.join(_test(one) for one in test.any_of)})"
    match test.operator:
        case "is":
            return f"{test.fact} = {KNOWN[test.operand]}"
        case "unless":
            return f"{test.fact} ≠ {KNOWN[test.operand]}"
        case "listed" | "among":
            return f"{test.fact} ∈ {test.operand}"
        case "reaches":
            return f"{test.fact} ≥ mức TT09 III-68 cho {test.operand} tuổi"
        case "at_least":
            return f"{test.fact}: từ {test.operand} trở lên"
        case _:
            return f"{test.fact} {SIGNS[test.operator]} {test.operand}"
