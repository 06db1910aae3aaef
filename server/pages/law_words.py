"""The law in words: articles written out, facts with their values, and the question that settles what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from forms.schema import Field, FormSchema
from server.labour.profiles import LISTS, all_profiles
from server.pages.words import Words

BOOKS = {"LC": "labour_code", "TT09": "circular", "NĐ56": "decree", "Children Law": "children_law"}
LISTED_FACTS = {"light_job", "overtime_job", "night_job", "banned_jobs", "places"}
HOURS = {"hours_day", "hours_week", "chores_hours"}
# Where a fact of the law's case is called otherwise among the facts of forms.
SUPPLIED_BY = {
    "birth_date": ("child.birth_year", "child.birth_month", "child.birth_day"),
    "jobs": ("child.works",),
    "hours": ("job.hours_mon",),
    "hours_day": ("job.hours_mon",),
    "hours_week": ("job.hours_mon",),
}
DEEPEST = 4

_ARTICLE = re.compile(r"(LC|TT09|NĐ56|Children Law) (\d+)(?:\((\w+)\))?(?:\((\w+)\))?")
_ANNEX = re.compile(r"TT09 (V-II|V-I|IV|III|II)(?:-(\d+))?")
_NAMES = re.compile(r"[A-Za-z_][\w.-]*(?=\s|$|[)=!<>,+*'\-])")


def article(text: str, t: Words) -> str:
    """ "LC 145(1)(a)" written out as the language cites it; what is no article of a law stays as it is."""
    annex = _ANNEX.fullmatch(text)
    if annex:
        book = t("law.circular")
        if annex[2]:
            return t("law.item", item=annex[2], annex=annex[1], book=book)
        return t("law.annex", annex=annex[1], book=book)
    found = _ARTICLE.fullmatch(text)
    if found is None:
        return text
    book = t(f"law.{BOOKS[found[1]]}")
    key = "law.point" if found[4] else "law.clause" if found[3] else "law.article"
    return t(key, article=found[2], clause=found[3] or "", point=found[4] or "", book=book)


def fact_name(fact: str, t: Words) -> str:
    return t.of("fact", fact)


def fact_value(fact: str, value: Any, t: Words) -> str:
    """A value as an officer reads it."""
    if value is None:
        return t("trial.unknown")
    if isinstance(value, bool):
        return t("trial.yes" if value else "trial.no")
    if isinstance(value, list | tuple):
        return "; ".join(_code(fact, str(code), t) for code in value) or t("trial.none_listed")
    if isinstance(value, int | float):
        return _number(fact, value, t)
    return _code(fact, str(value), t)


def listed(name: str) -> dict[str, str]:
    """The codes of one list of the law with their text."""
    found: dict[str, str] = {}
    for profile in all_profiles():
        for code, item in profile.lists.get(name, {}).items():
            found.setdefault(code, item.vi)
    return found


def questions_for(fact: str, schema: FormSchema, language: str) -> list[str]:
    """The labels of the questions that supply a fact, through whatever the form computes in between."""
    names = SUPPLIED_BY.get(fact, (f"child.{fact}", f"job.{fact}", f"household.{fact}"))
    supplying = [entry for entry in schema.fields.values() if set(entry.facts) & set(names)]
    by_name = {entry.name: entry for entry in schema.fields.values()}
    labels = (found.label(language) for entry in supplying for found in _asked(entry, by_name, 0))
    return list(dict.fromkeys(labels))


def _asked(entry: Field, by_name: dict[str, Field], depth: int) -> Iterator[Field]:
    if entry.kind == "question" and entry.labels:
        yield entry
    elif depth < DEEPEST:
        for name in dict.fromkeys(_NAMES.findall(entry.bind.calculate or "")):
            source = by_name.get(name)
            if source is not None and source.kind in ("question", "hidden") and source is not entry:
                yield from _asked(source, by_name, depth + 1)


def _number(fact: str, value: float, t: Words) -> str:
    if fact in HOURS:
        return t("law.hours", hours=t.number(value))
    if fact == "load_kg":
        return f"{t.number(value)} kg"
    return t("law.grade", grade=str(int(value))) if fact == "highest_grade" else t.number(value)


def _code(fact: str, code: str, t: Words) -> str:
    if code == "none":
        return t("trial.none_listed")
    if fact in LISTED_FACTS:
        text = _all_lists().get(code)
        return f"{text} ({code})" if text else code
    if fact == "relation":
        return t.of("relation", code)
    if fact == "risk_factors":
        return t.of("risk", code)
    if fact == "sex":
        return t.of("trial", code)
    return code


@cache
def _all_lists() -> dict[str, str]:
    return {code: text for name in LISTS for code, text in listed(name).items()}
