"""The facts that a form's questions declare they supply, collected from a record.

The vocabulary is ``facts.toml``; a form names a fact in its column ``bind::mn:fact`` ("child.sex"). The
server never knows question names: it judges what this module collects. A fact is None when it is declared but
not known, and absent when the form does not declare it at all; a code "-" is known to be none of the listed.

Children are the rows of the repeat in which child facts stand. Where such a row carries an entity, it counts
only if the entity is created or updated: so a roster may list adults too. Job facts above the job repeat hold
for each job of that child.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from forms.fact_values import Fact, FactKind, Reader, Scope, reader_of, together, vocabulary
from forms.problems import Problem
from forms.read import EntityRef, Record, Row
from forms.schema import Field, FormSchema
from forms.values import Position

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

Facts = Mapping[str, Fact]


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
        values=above.household,
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


class _Found(NamedTuple):
    """The facts that stand directly in one row, by their short names."""

    household: dict[str, Fact]
    child: dict[str, Fact]
    job: dict[str, Fact]


class _Source(NamedTuple):
    """Where one fact of a row comes from: the answers (by key of the row) and how each is read."""

    kind: FactKind
    questions: tuple[tuple[str, Reader], ...]


@dataclass(frozen=True, eq=False)
class _Plan:
    """Which facts are read from which row: "" is the form itself, else the path of a repeat."""

    child_repeat: str
    job_repeat: str
    by_row: Mapping[str, tuple[_Source, ...]]
    misplaced: tuple[tuple[Field, FactKind], ...]

    def of_scope(self, scope: Scope) -> bool:
        return any(source.kind.scope == scope for sources in self.by_row.values() for source in sources)

    def read(self, repeat: str, row: Row) -> _Found:
        found = _Found({}, {}, {})
        by_scope = found._asdict()
        answers = row.values
        for kind, questions in self.by_row.get(repeat, ()):
            if len(questions) == 1:
                ((key, reader),) = questions
                answer = answers.get(key)
                by_scope[kind.scope][kind.short] = None if answer is None else reader(answer)
            else:
                given = [(answers.get(key), reader) for key, reader in questions]
                facts = [None if answer is None else reader(answer) for answer, reader in given]
                by_scope[kind.scope][kind.short] = together(facts, kind)
        return found


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
    return _Plan(child, job, {row: _sources(entries) for row, entries in by_row.items()}, tuple(misplaced))


def _sources(pairs: Iterable[tuple[Field, FactKind]]) -> tuple[_Source, ...]:
    questions: dict[str, list[tuple[str, Reader]]] = {}
    for field, kind in pairs:
        questions.setdefault(kind.name, []).append((field.row_key, reader_of(field, kind)))
    return tuple(_Source(vocabulary()[name], tuple(asked)) for name, asked in questions.items())


def _home(schema: FormSchema, pairs: Iterable[tuple[Field, FactKind]], scope: Scope, depth: int) -> str:
    """The repeat in which the first fact of a scope stands at that depth of nesting; "" for none."""
    for field, kind in pairs:
        around = schema.repeats_of(field.path)
        if kind.scope == scope and len(around) >= depth:
            return around[depth - 1]
    return ""


def _child(row: Row, plan: _Plan, above: _Found) -> ChildFacts:
    own = plan.read(plan.child_repeat, row) if plan.child_repeat else _Found({}, {}, {})
    return ChildFacts(
        position=row.position,
        values=above.child | own.child,
        entity=_entity(row),
        jobs=tuple(_jobs(row, plan, above.job | own.job)),
    )


def _jobs(row: Row, plan: _Plan, shared: Facts) -> Iterator[JobFacts]:
    if plan.job_repeat:
        below = plan.job_repeat[len(plan.child_repeat) :].lstrip("/")
        for job in row.repeats.get(below, ()):
            yield JobFacts(job.position, _merged(shared, plan.read(plan.job_repeat, job).job))
    elif any(value is not None for value in shared.values()):
        yield JobFacts(1, shared)


def _merged(shared: Facts, own: Facts) -> Facts:
    """A job's facts over those declared for all jobs; codes of both places are put together."""
    known = vocabulary()
    merged = {**shared, **own}
    for short in shared.keys() & own.keys():
        merged[short] = together([own[short], shared[short]], known[f"job.{short}"])
    return merged


def _rows(row: Row, repeat: str) -> Iterable[Row]:
    return row.repeats.get(repeat.lstrip("/"), ())


def _counts(row: Row) -> bool:
    return not row.entities or any(entity.action for entity in row.entities)


def _entity(row: Row) -> EntityRef | None:
    return next(iter(row.entities), None)
