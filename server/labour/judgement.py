"""What the engine answers: judgements with their findings, the facts that led to them, and the facts that lack."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, NamedTuple

from server.labour.case import CASE_FIELDS, Case, case_data
from server.labour.profiles import PolicyValue


class Fact(NamedTuple):
    """A fact that led to a finding; ``job`` is the position of its job, from 1. The hours are those of all jobs."""

    fact: str
    value: Any
    job: int | None = None

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        value = list(self.value) if isinstance(self.value, tuple) else self.value
        return {"fact": self.fact, "job": self.job, "value": value}


class Finding(NamedTuple):
    """Something proved, with its legal basis. ``counts``: whether it makes the work unlawful by itself."""

    code: str
    articles: tuple[str, ...]
    suffix: str
    row: str
    class_: str
    counts: bool
    text_vi: str
    text_en: str
    facts: tuple[Fact, ...]

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "code": self.code,
            "articles": list(self.articles),
            "suffix": self.suffix,
            "row": self.row,
            "class": self.class_,
            "text": {"vi": self.text_vi, "en": self.text_en},
            "facts": [fact.as_data() for fact in self.facts],
        }


class Missing(NamedTuple):
    """A fact that is not known, and the articles that need it."""

    fact: str
    articles: tuple[str, ...]
    job: int | None = None

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        return {"fact": self.fact, "articles": list(self.articles), "job": self.job}


class Basis(NamedTuple):
    """A row without a finding that holds: why work is lawful, why a person is out of scope."""

    row: str
    class_: str
    articles: tuple[str, ...]
    text_vi: str
    text_en: str

    def as_data(self) -> dict[str, Any]:
        """As JSON."""
        text = {"vi": self.text_vi, "en": self.text_en}
        return {"row": self.row, "class": self.class_, "articles": list(self.articles), "text": text}


@dataclass(eq=False)  # never changed once made; frozen would cost a tenth of the time
class Judgement:
    """The answer of one profile on one case. A screening: only an officer confirms."""

    profile: str
    version: str
    case: Case = field(repr=False)
    class_: str | None
    findings: tuple[Finding, ...]
    missing: tuple[Missing, ...]
    basis: tuple[Basis, ...]
    unlawful: bool | None
    procedural_only: bool
    child_labour: bool | None
    policies: Mapping[str, PolicyValue]

    @property
    def reference_date(self) -> date:
        """The last day of the reference week, whose law applies."""
        return self.case.reference_date

    @property
    def age_months(self) -> int | None:
        """The age in completed months; None when only an interval is known."""
        low, high = self.case.months
        return low if low == high else None

    @cached_property
    def facts_used(self) -> dict[str, Any]:
        """Every known fact of the case, by name."""
        data = case_data(self.case)
        return {name: data[name] for name in CASE_FIELDS if name != "id" and data[name] is not None}

    @property
    def input_hash(self) -> str:
        """SHA-256 of all the facts of the case, the same under every profile."""
        return self.case.input_hash

    def as_data(self) -> dict[str, Any]:
        """As JSON: a class and findings, or for a statistical profile child labour yes, no or not known."""
        answer: dict[str, Any] = {"child_labour": self.child_labour}
        if self.class_ is not None:
            answer = {
                "class": self.class_,
                "findings": [finding.as_data() for finding in self.findings],
                "basis": [basis.as_data() for basis in self.basis],
                "unlawful": self.unlawful,
                "procedural_only": self.procedural_only,
            }
        return answer | {
            "missing": [missing.as_data() for missing in self.missing],
            "profile": self.profile,
            "version": self.version,
            "reference_date": self.reference_date.isoformat(),
            "age_months": self.age_months,
            "policies": dict(self.policies),
            "input_hash": self.input_hash,
        }
