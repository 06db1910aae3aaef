"""A child's judgements as the page tells them: findings with article and facts, what is missing, every profile."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from forms.schema import FormSchema
from server.labour.profiles import all_profiles, profile_names
from server.pages import law_words
from server.pages.words import Words

NATIONAL = "VN-LC2019"
Asker = Callable[[str], list[str]]


@dataclass(frozen=True)
class ToldFact:
    """A fact that led to a finding; ``job`` is 0 where it is not of one job."""

    name: str
    value: str
    job: int


@dataclass(frozen=True)
class ToldFinding:
    code: str
    class_: str
    text: str
    articles: list[str]
    family: bool
    facts: list[ToldFact]


@dataclass(frozen=True)
class ToldMissing:
    """Something not known, the articles that need it, the questions that would settle it."""

    name: str
    job: int
    articles: list[str]
    questions: list[str]


@dataclass(frozen=True)
class ToldProfile:
    """The answer of a statistical profile: yes, no, or not enough facts."""

    name: str
    title: str
    version: str
    child_labour: bool | None


@dataclass(frozen=True)
class Reading:
    """One screening in words."""

    class_: str
    version: str
    title: str
    reference_date: str
    unlawful: bool | None
    procedural_only: bool
    findings: list[ToldFinding]
    basis: list[ToldFinding]
    missing: list[ToldMissing]
    policies: list[tuple[str, str]]
    others: list[ToldProfile]


def read_results(
    results: Mapping[str, Mapping[str, Any]], t: Words, ask: Asker | None = None
) -> Reading | None:
    """The results of the engine, by profile, in words; None where the national profile gave none."""
    national = results.get(NATIONAL)
    if national is None:
        return None
    return Reading(
        class_=national.get("class") or "REVIEW",
        version=str(national.get("version", "")),
        title=_title(NATIONAL, t),
        reference_date=str(national.get("reference_date", "")),
        unlawful=national.get("unlawful"),
        procedural_only=bool(national.get("procedural_only")),
        findings=[_finding(entry, t) for entry in national.get("findings", ())],
        basis=[_finding(entry, t) for entry in national.get("basis", ())],
        missing=_missing(national.get("missing", ()), t, ask or (lambda _fact: [])),
        policies=_policies(national.get("policies", {}), t),
        others=[_profile(name, results[name], t) for name in profile_names() if _other(name, results)],
    )


def asker(schema: FormSchema | None, t: Words) -> Asker:
    """Finds the questions of the form that a child was interviewed with."""
    if schema is None:
        return lambda _fact: []
    known = schema
    return lambda fact: law_words.questions_for(fact, known, known.language(t.language))


def _finding(entry: Mapping[str, Any], t: Words) -> ToldFinding:
    facts = [
        ToldFact(
            law_words.fact_name(fact["fact"], t),
            law_words.fact_value(fact["fact"], fact["value"], t),
            fact["job"] or 0,
        )
        for fact in entry.get("facts", ())
    ]
    return ToldFinding(
        code=entry.get("code", "") + entry.get("suffix", ""),
        class_=entry["class"],
        text=entry["text"][t.language],
        articles=[law_words.article(text, t) for text in entry["articles"]],
        family=entry.get("suffix") == "/FAM",
        facts=facts,
    )


def _missing(entries: Iterable[Mapping[str, Any]], t: Words, ask: Asker) -> list[ToldMissing]:
    return [
        ToldMissing(
            law_words.fact_name(entry["fact"], t),
            entry["job"] or 0,
            [law_words.article(text, t) for text in entry["articles"]],
            ask(entry["fact"]),
        )
        for entry in entries
    ]


def _policies(chosen: Mapping[str, Any], t: Words) -> list[tuple[str, str]]:
    known = {name: policy for profile in all_profiles() for name, policy in profile.policies.items()}
    told = []
    for name, value in sorted(chosen.items()):
        policy = known.get(name)
        text = (policy.vi if t.language == "vi" else policy.en) if policy else name
        told.append(
            (text, law_words.fact_value("", value, t) if isinstance(value, bool) else t.of("policy", value))
        )
    return told


def _profile(name: str, result: Mapping[str, Any], t: Words) -> ToldProfile:
    return ToldProfile(name, _title(name, t), str(result.get("version", "")), result.get("child_labour"))


def _other(name: str, results: Mapping[str, Any]) -> bool:
    return name != NATIONAL and name in results


def _title(name: str, t: Words) -> str:
    found = next((profile for profile in all_profiles() if profile.name == name), None)
    if found is None:
        return name
    return found.title_vi if t.language == "vi" else found.title_en


def today_before(day: date) -> str:
    """The default last day of the reference week: yesterday."""
    return date.fromordinal(day.toordinal() - 1).isoformat()
