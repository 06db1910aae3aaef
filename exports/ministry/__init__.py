"""The ministry's workbook: a plain snapshot of a round goes in, the bytes of an .xlsx file come out.

The layout (sheets, columns, labels, code lists) is data in ``templates/``, one folder per version, so that an
official format can replace the proposed one without a change of code.
"""

from __future__ import annotations

from exports.ministry.snapshot import (
    Child,
    ExtraCode,
    Household,
    Job,
    Meta,
    Profile,
    Snapshot,
    Unit,
    Variant,
)
from exports.ministry.template import Template, load_template
from exports.ministry.workbook import Workbook, build
from exports.ministry.xlsx import write

__all__ = [
    "Child",
    "ExtraCode",
    "Household",
    "Job",
    "Meta",
    "Profile",
    "Snapshot",
    "Template",
    "Unit",
    "Variant",
    "Workbook",
    "build",
    "load_template",
    "write",
]
