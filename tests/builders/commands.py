"""The commands as a script meets them: an empty data folder, JSON on standard output, problems on standard error."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from office import Template

from server.cli import main


def bare_shell(folder: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """A shell with nothing set but where the data are to be."""
    for name in [key for key in os.environ if key.startswith(("MANGNON_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MANGNON_DATA", str(folder / "data"))
    return CliRunner()


def office_shell(
    template: Template, database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """A shell whose settings name a copy of an office that was set up before."""
    shell = bare_shell(folder, monkeypatch)
    shutil.copytree(template.folder, folder / "data")
    if database_url:
        monkeypatch.setenv("DATABASE_URL", database_url)
    return shell


def run(shell: CliRunner, *words: str) -> Result:
    return shell.invoke(main, list(words), catch_exceptions=False)


def problem_of(result: Result) -> str:
    assert result.exit_code == 1
    assert result.stdout == ""
    return str(json.loads(result.stderr)["problem"]["name"])
