"""What the pages of a test office hold."""

from __future__ import annotations

from dataclasses import dataclass

from office import Office


@dataclass
class Records:
    """Two households: three children here, one there."""

    office: Office
    here: str
    there: str
    child_here: str
    child_there: str
