"""Builds ``shim.c`` and gives the environment that puts it under a server."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

SOURCE = Path(__file__).parent / "shim.c"


def build(folder: Path) -> Path:
    """The compiled shim."""
    if shutil.which("gcc") is None:
        raise RuntimeError("gcc is needed for this proof: apt-get install gcc libc6-dev")
    target = folder / "shim.so"
    flags = ["-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror"]
    subprocess.run(
        ["gcc", *flags, "-o", str(target), str(SOURCE), "-ldl", "-lpthread"],
        check=True,
        capture_output=True,
        text=True,
    )
    return target


def environment(
    shim: Path, root: Path, *, log: Path | None = None, fault: Path | None = None
) -> dict[str, str]:
    """What makes the server and its workers load the shim over the files under ``root``."""
    told = {"LD_PRELOAD": str(shim), "SHIM_ROOT": str(root)}
    if log:
        told["SHIM_LOG"] = str(log)
    if fault:
        told["SHIM_FAULT"] = str(fault)
    return told
