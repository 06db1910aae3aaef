"""A round's snapshot and a template become the finished, checked sheets of one variant."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass

from exports.ministry import checks
from exports.ministry import round as derived
from exports.ministry.about import code_lists, coverage, dictionary, information
from exports.ministry.cells import Sheet, make_sheet
from exports.ministry.counts import CLASSES, Counts, count_round
from exports.ministry.records import (
    Dated,
    child_records,
    household_records,
    job_records,
    list_records,
    unit_records,
    ward_records,
)
from exports.ministry.release import ROW_IDS, RowSheet, release
from exports.ministry.round import Round
from exports.ministry.snapshot import Snapshot, Variant
from exports.ministry.template import Codes, Template, load_template
from exports.ministry.totals import group_totals, unit_totals
from exports.ministry.twin import csv_text
from exports.ministry.versions import in_force
from exports.privacy import LEAST, Key

INFORMATION = "00"
Records = dict[str, list[Dated]]  # by the number of the sheet
Sheets = dict[str, Sheet]
_NOTHING: frozenset[Key] = frozenset()


@dataclass(frozen=True)
class Workbook:
    """The finished sheets in the template's order."""

    format_id: str
    title: str
    variant: Variant
    sheets: tuple[Sheet, ...]
    sha256: str  # of the data: all sheets but 00

    def sheet(self, number: str) -> Sheet:
        """The sheet with that number, for example "03"."""
        return next(sheet for sheet in self.sheets if sheet.plan.name.startswith(number))


def build(
    snapshot: Snapshot, template: Template | None = None, variant: Variant = "identifiable"
) -> Workbook:
    """The checked workbook of one variant; a Problem when an invariant of the format is broken.

    The invariants are checked on everything the round holds, before the de-identified variant leaves things out.
    """
    plan = (template or load_template()).with_codes(snapshot.codes)
    codes = Codes(plan.codes, plan.correspondences)
    maker = _Maker(in_force(Round(snapshot), codes), plan, codes)
    counts = count_round(maker.rounded, villages=True)
    sheets = maker.sheets(maker.records(counts), "identifiable")
    check(sheets, maker.rounded, maker.codes)
    if variant == "deidentified":
        return maker.deidentified()
    return maker.finished(sheets, counts, _NOTHING, variant)


def check(sheets: Sheets, rounded: Round, codes: Codes) -> None:
    """Every invariant of the format, on the finished sheets, by their numbers."""
    checks.check_required(sheets)
    checks.check_codes(sheets, codes, frozenset(unit.code for unit in rounded.snapshot.units))
    checks.check_partition(sheets["03"], sheets["05"], sheets["06"])
    checks.check_hours(sheets["03"], sheets["04"])
    checks.check_classes(sheets["03"], sheets["07"])
    checks.check_total_rows(sheets["07"])
    checks.check_groups(sheets["03"], sheets["08"])


@dataclass(frozen=True)
class _Maker:
    """Makes sheets of one round after one template."""

    rounded: Round
    plan: Template
    codes: Codes

    def records(self, counts: Counts, hidden: Collection[Key] = _NOTHING) -> Records:
        """The records of the sheets, with everything the round holds."""
        rounded = self.rounded
        unlawful = [child for child in rounded.children if derived.listed_unlawful(child)]
        at_risk = [child for child in rounded.children if derived.listed_at_risk(child)]
        return {
            "01": unit_records(rounded),
            "02": household_records(rounded),
            "03": child_records(rounded),
            "04": job_records(rounded),
            "05": list_records(rounded, unlawful),
            "06": list_records(rounded, at_risk),
            "07": unit_totals(rounded, counts, hidden, CLASSES),
            "08": group_totals(rounded, counts, hidden, self.codes, coverage(rounded, counts, hidden)),
        }

    def sheets(self, records: Records, variant: Variant) -> Sheets:
        """The sheets with these numbers, and the two about the format."""
        records = records | {"90": code_lists(self.plan), "91": dictionary(self.plan, variant)}
        plans = {plan.name[:2]: plan.for_variant(variant) for plan in self.plan.sheets}
        return {
            number: make_sheet(plan, records[number], self.codes)
            for number, plan in plans.items()
            if number in records
        }

    def deidentified(self) -> Workbook:
        """Only what may be published; rows give way where they would give a small count away."""
        counts = count_round(self.rounded, villages=False)
        records = self.records(counts)
        sheets = self.sheets(records, "deidentified")
        rows = [_row_sheet(number, sheets[number], records[number]) for number in ROW_IDS]
        public = release(self.rounded, counts, rows)
        coarse = self.records(counts, public.hidden)
        coarse["01"] = ward_records(self.rounded, public.hidden, LEAST)
        sheets = self.sheets(coarse, "deidentified") | public.sheets
        return self.finished(sheets, counts, public.hidden, "deidentified")

    def finished(self, sheets: Sheets, counts: Counts, hidden: Collection[Key], variant: Variant) -> Workbook:
        """The sheets in order, led by 00, which describes them."""
        digest = _digest(tuple(sheets.values()))
        rows = {sheet.plan.name: len(sheet.rows) for number, sheet in sheets.items() if number < "90"}
        lines = information(self.rounded, self.plan, variant, counts, hidden, rows, digest)
        first = next(plan for plan in self.plan.sheets if plan.name.startswith(INFORMATION))
        ready = sheets | {INFORMATION: make_sheet(first, lines, self.codes)}
        ordered = tuple(ready[plan.name[:2]] for plan in self.plan.sheets)
        return Workbook(self.plan.id, self.plan.title, variant, ordered, digest)


def _row_sheet(number: str, sheet: Sheet, records: list[Dated]) -> RowSheet:
    return RowSheet(number, sheet, tuple(str(record[ROW_IDS[number]]) for record, _ in records))


def _digest(sheets: tuple[Sheet, ...]) -> str:
    """SHA-256 over the CSV twins of the sheets, each after its name."""
    whole = hashlib.sha256()
    for sheet in sheets:
        whole.update(f"{sheet.plan.name}\n".encode())
        whole.update(csv_text(sheet).encode())
    return whole.hexdigest()
