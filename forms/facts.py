"""The facts that a form's questions declare they supply, collected from a record.

The vocabulary is ``facts.toml``; a form names a fact in its column ``bind::mn:fact`` ("child.sex"). The
server never knows question names: it judges what this module collects. A fact is None when it is declared but
not known, and absent when the form does not declare it at all; a code "-" is known to be none of the listed.

Children are the rows of the repeat in which child facts stand. Where such a row carries an entity, it counts
only if the entity is created or updated: so a roster may list adults too. Job facts above the job repeat hold
for each job of that child.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Literal

from forms.problems import Problem
from forms.read import EntityRef, Record, Row
from forms.schema import Field, FormSchema
from forms.values import Position, Value

__all__ = [
    "ChildFacts",
    "EntityRef",
    "Fact",
    "FactKind",
    "HouseholdFacts",
    "JobFacts",
    "Position",
    "collect",
    "declared_problems",
    "vocabulary",
]

Scope = Literal["household", "child", "job"]
Fact = None | str | int | float | bool | Position | tuple[str, ...]
Facts = Mapping[str, Fact]
UNKNOWN, NONE = "?", "-"
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})


@dataclass(frozen=True)
class FactKind:
    """One entry of the vocabulary."""

    name: str
    scope: Scope
    short: str
    type: str
    vi: str
    personal: bool


@dataclass(frozen=True)
class JobFacts:
    position: int
    values: Facts


@dataclass(frozen=True)
class ChildFacts:
    position: int
    values: Facts
    entity: EntityRef | None
    jobs: tuple[JobFacts, ...]


@dataclass(frozen=True)
class HouseholdFacts:
    values: Facts
    entity: EntityRef | None
    children: tuple[ChildFacts, ...]


@cache
def vocabulary() -> Mapping[str, FactKind]:
    """Every fact by its full name ("job.hours_mon")."""
    text = (resources.files("forms") / "facts.toml").read_text(encoding="utf-8")
    return {
        f"{scope}.{short}": FactKind(
            name=f"{scope}.{short}",
            scope=scope,  # type: ignore[arg-type]
            short=short,
            type=entry["type"],
            vi=entry["vi"],
            personal=entry.get("personal", False),
        )
        for scope, entries in tomllib.loads(text).items()
        for short, entry in entries.items()
    }


def collect(record: Record, schema: FormSchema) -> HouseholdFacts | None:
    """The facts of a household, its children and their jobs; None for a form that declares none."""
    plan = _plan(schema)
    if plan is None:
        return None
    root = record.answers
    above = plan.read("", root)
    rows = _rows(root, plan.child_repeat) if plan.child_repeat else [root] if plan.of_scope("child") else []
    children = [_child(row, plan, above) for row in rows if _counts(row)]
    return HouseholdFacts(
        values=_of_scope(above, "household"),
        entity=_entity(root) if plan.child_repeat else None,
        children=tuple(children),
    )


def declared_problems(schema: FormSchema) -> tuple[Problem, ...]:
    """What is wrong with the declarations of a form: unknown facts, and facts in the wrong repeat."""
    known = vocabulary()
    problems: list[Problem] = []
    for field in schema.fields.values():
        for name in field.facts:
            if name not in known:
                problems.append(Problem("fact_unknown", where="survey", question=field.name, fact=name))
    plan = _plan(schema)
    if plan is not None:
        problems.extend(
            Problem("fact_misplaced", where="survey", question=field.name, fact=kind.name)
            for field, kind in plan.misplaced
        )
    return tuple(problems)


@dataclass(frozen=True, eq=False)
class _Plan:
    """Which facts are read from which row: "" is the form itself, else the path of a repeat."""

    child_repeat: str
    job_repeat: str
    by_row: Mapping[str, tuple[tuple[Field, FactKind], ...]]
    misplaced: tuple[tuple[Field, FactKind], ...]

    def of_scope(self, scope: Scope) -> bool:
        return any(kind.scope == scope for pairs in self.by_row.values() for _, kind in pairs)

    def read(self, repeat: str, row: Row) -> dict[str, Fact]:
        """The facts that stand directly in this row, by full name."""
        found: dict[str, list[Fact]] = {}
        kinds: dict[str, FactKind] = {}
        for field, kind in self.by_row.get(repeat, ()):
            found.setdefault(kind.name, []).append(_fact(row.values.get(field.row_key), field, kind))
            kinds[kind.name] = kind
        return {name: _together(values, kinds[name]) for name, values in found.items()}


@lru_cache(maxsize=128)
def _plan(schema: FormSchema) -> _Plan | None:
    known = vocabulary()
    pairs = [
        (field, known[name]) for field in schema.fields.values() for name in field.facts if name in known
    ]
    if not pairs:
        return None
    child = _home(schema, pairs, "child", 1)
    job = _home(schema, pairs, "job", 2 if child else 1)
    if job and not job.startswith(child):
        job = ""
    homes = {"household": {""}, "child": {"", child}, "job": {"", child, job}}
    by_row: dict[str, list[tuple[Field, FactKind]]] = {}
    misplaced: list[tuple[Field, FactKind]] = []
    for field, kind in pairs:
        row = (schema.repeats_of(field.path) or ("",))[-1]
        if row in homes[kind.scope]:
            by_row.setdefault(row, []).append((field, kind))
        else:
            misplaced.append((field, kind))
    return _Plan(child, job, {row: tuple(entries) for row, entries in by_row.items()}, tuple(misplaced))


def _home(schema: FormSchema, pairs: Iterable[tuple[Field, FactKind]], scope: Scope, depth: int) -> str:
    """The repeat in which the first fact of a scope stands at that depth of nesting; "" for none."""
    for field, kind in pairs:
        around = schema.repeats_of(field.path)
        if kind.scope == scope and len(around) >= depth:
            return around[depth - 1]
    return ""


def _child(row: Row, plan: _Plan, above: Mapping[str, Fact]) -> ChildFacts:
    here = {**above, **plan.read(plan.child_repeat, row)} if plan.child_repeat else dict(above)
    return ChildFacts(
        position=row.position,
        values=_of_scope(here, "child"),
        entity=_entity(row),
        jobs=tuple(_jobs(row, plan, here)),
    )


def _jobs(row: Row, plan: _Plan, here: Mapping[str, Fact]) -> Iterator[JobFacts]:
    shared = _of_scope(here, "job")
    if plan.job_repeat:
        below = plan.job_repeat[len(plan.child_repeat) :].lstrip("/")
        for job in row.repeats.get(below, ()):
            own = _of_scope(plan.read(plan.job_repeat, job), "job")
            yield JobFacts(job.position, _merged(shared, own))
    elif any(value is not None for value in shared.values()):
        yield JobFacts(1, shared)


def _merged(shared: Facts, own: Facts) -> Facts:
    """A job's facts over those declared for all jobs; codes of both places are put together."""
    known = vocabulary()
    merged: dict[str, Fact] = {}
    for short in {**shared, **own}:
        values = [facts[short] for facts in (shared, own) if short in facts]
        merged[short] = _together(values[::-1], known[f"job.{short}"])
    return merged


def _rows(row: Row, repeat: str) -> Iterable[Row]:
    return row.repeats.get(repeat.lstrip("/"), ())


def _counts(row: Row) -> bool:
    return not row.entities or any(entity.action for entity in row.entities)


def _entity(row: Row) -> EntityRef | None:
    return next(iter(row.entities), None)


def _of_scope(facts: Mapping[str, Fact], scope: Scope) -> dict[str, Fact]:
    prefix = scope + "."
    return {name[len(prefix) :]: value for name, value in facts.items() if name.startswith(prefix)}


def _together(values: list[Fact], kind: FactKind) -> Fact:
    """Several questions, one fact: the union of codes, else the first that is known."""
    if kind.type != "codes":
        return next((value for value in values if value is not None), None)
    codes = dict.fromkeys(code for value in values if isinstance(value, tuple) for code in value)
    if not codes and any(value is None for value in values):
        return None
    return tuple(str(code) for code in codes)


def _fact(value: Value, field: Field, kind: FactKind) -> Fact:
    if value is None:
        return None
    if isinstance(value, Position):
        return value if kind.type == "geo" else None
    if isinstance(value, tuple):
        words = [_word(item, field, kind) for item in value if isinstance(item, str)]
    else:
        words = [_word(_plain(value), field, kind)]
    return _CONVERT[kind.type]([part for word in words for part in word.split()] if _many(kind) else words)


def _many(kind: FactKind) -> bool:
    return kind.type == "codes"


def _word(text: str, field: Field, kind: FactKind) -> str:
    """What a chosen code means for this fact: the column named like the fact, else like its type."""
    choice = field.choices.by_value.get(text) if field.choices is not None else None
    if choice is None:
        return text
    return choice.columns.get(kind.short) or choice.columns.get(kind.type) or text


def _plain(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _text(words: list[str]) -> Fact:
    return " ".join(words)


def _code(words: list[str]) -> Fact:
    """The first code that is known, else "-" for "known: none of the listed"."""
    known = [word for word in words if word not in {UNKNOWN, NONE}]
    if known:
        return known[0]
    return None if UNKNOWN in words or not words else NONE


def _codes(words: list[str]) -> Fact:
    known = tuple(dict.fromkeys(word for word in words if word not in {UNKNOWN, NONE}))
    return None if not known and UNKNOWN in words else known


def _yesno(words: list[str]) -> Fact:
    answers = {word.lower() for word in words}
    if answers & _YES:
        return True
    return False if answers and answers <= _NO else None


def _number(words: list[str]) -> float | None:
    try:
        number = float(words[0])
    except (ValueError, IndexError):
        return None
    return number if math.isfinite(number) else None


def _int(words: list[str]) -> Fact:
    number = _number(words)
    return int(number) if number is not None and number.is_integer() else None


def _moment(words: list[str]) -> Fact:
    return words[0] if words and words[0][:1].isdigit() else None


def _nothing(words: list[str]) -> Fact:
    return None


_CONVERT = {
    "text": _text,
    "code": _code,
    "codes": _codes,
    "yesno": _yesno,
    "number": _number,
    "int": _int,
    "date": _moment,
    "datetime": _moment,
    "geo": _nothing,
}
