"""The mutation score of ``server/labour`` by module, from a finished mutmut run; below the target it ends with 1.

``python mutation_score.py FOLDER``: mutmut's folder ``mutants``. A change that was not tried counts as not noticed.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

TARGET = 0.85


def main(folder: Path) -> int:
    """Print a line per module and the score."""
    tried = noticed = 0
    for file in sorted(folder.glob("server/labour/*.meta")):
        codes = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"].values()
        found = sum(code not in (0, None) for code in codes)
        print(f"{file.name.removesuffix('.py.meta'):<16}{len(codes):>6}{found:>6}")
        tried, noticed = tried + len(codes), noticed + found
    score = noticed / tried if tried else 0.0
    print(f"{'all':<16}{tried:>6}{noticed:>6}  {score:.1%} (at least {TARGET:.0%})")
    return int(score < TARGET)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
