"""How a draft's version is told from a released one: "2.0-thu-1a2b3c4d". Intake asks this of every submission."""

from __future__ import annotations

import hashlib
import re

_TRIAL = re.compile(r"-thu-[0-9a-f]{8}$")
_LONGEST_VERSION = 80


def looks_like_trial(version: str) -> bool:
    """Whether a version is named as drafts are; only the store knows for certain."""
    return _TRIAL.search(version) is not None


def trial_version(version: str, xform: bytes) -> str:
    """The version under which this draft is tried: the same content, the same version."""
    return f"{version[:_LONGEST_VERSION]}-thu-{hashlib.sha256(xform).hexdigest()[:8]}"
