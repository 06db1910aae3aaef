"""What an import would bring, told before anything changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from forms.problems import Problem
from sync.places.unit import Change, Outline, Unit

# A file that is wrong from end to end need not be told row by row.
_MOST_TOLD = 500


@dataclass(frozen=True, slots=True)
class Finding:
    """Something found in one row: its line (or feature number; 0 for the whole file) and the problem."""

    line: int
    problem: Problem

    def as_data(self) -> dict[str, object]:
        """The finding for JSON: the problem with its line."""
        return {"line": self.line, **self.problem.as_data()}


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The accepted units, changes and outlines; the refused rows; what deserves a look.

    When ``ok`` is false nothing may be loaded: a list is loaded whole or not at all.
    """

    units: tuple[Unit, ...]
    changes: tuple[Change, ...]
    outlines: tuple[Outline, ...]
    problems: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    rows: int
    refused_rows: int
    problem_count: int
    warning_count: int

    @property
    def ok(self) -> bool:
        """Whether the whole file may be loaded."""
        return self.problem_count == 0

    def as_data(self) -> dict[str, object]:
        """The report for JSON."""
        return {
            "ok": self.ok,
            "rows": self.rows,
            "accepted": len(self.units),
            "outlines": len(self.outlines),
            "refused_rows": self.refused_rows,
            "problem_count": self.problem_count,
            "problems": [finding.as_data() for finding in self.problems],
            "warning_count": self.warning_count,
            "warnings": [finding.as_data() for finding in self.warnings],
        }


def report(
    *,
    units: Sequence[Unit] = (),
    changes: Sequence[Change] = (),
    outlines: Sequence[Outline] = (),
    problems: Sequence[Finding] = (),
    warnings: Sequence[Finding] = (),
    rows: int = 0,
) -> LoadReport:
    """The report, its findings in the order of lines and cut to a readable number."""
    told = sorted(problems, key=lambda finding: finding.line)
    noted = sorted(warnings, key=lambda finding: finding.line)
    return LoadReport(
        units=tuple(units),
        changes=tuple(changes),
        outlines=tuple(outlines),
        problems=tuple(told[:_MOST_TOLD]),
        warnings=tuple(noted[:_MOST_TOLD]),
        rows=rows,
        refused_rows=len({finding.line for finding in told if finding.line}),
        problem_count=len(told),
        warning_count=len(noted),
    )
