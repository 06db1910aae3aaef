"""How a command speaks: JSON alone on standard output with ``--json``, people's words otherwise, errors on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from forms.problems import Problem, Problems
from server.store.blobs import BucketAway

json_option = click.option("--json", "as_json", is_flag=True, help="In ra JSON. / Print JSON only.")


def say(data: object, as_json: bool, words: str) -> None:
    """Print ``data`` as one JSON document, or ``words`` for a person."""
    click.echo(json.dumps(data, ensure_ascii=False) if as_json else words)


def command_problems(function: Callable[..., Any]) -> Callable[..., Any]:
    """Tell a Problem on standard error (JSON when asked for) and end with exit code 1."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Problem as problem:
            tell(problem, bool(kwargs.get("as_json")))
            sys.exit(1)
        except Problems as several:
            tell_all(several, bool(kwargs.get("as_json")))
            sys.exit(1)
        except BucketAway:
            tell(Problem("bucket_away"), bool(kwargs.get("as_json")))
            sys.exit(1)

    return wrapper


def tell_all(several: Problems, as_json: bool) -> None:
    """Write several problems to standard error: in JSON the first as ``problem``, all as ``problems``."""
    if not as_json:
        for problem in several.problems:
            tell(problem, as_json)
        return
    told = [problem.as_data() for problem in several.problems]
    click.echo(json.dumps({"problem": told[0], "problems": told}, ensure_ascii=False), err=True)


def tell(problem: Problem, as_json: bool) -> None:
    """Write one problem to standard error."""
    if as_json:
        click.echo(json.dumps({"problem": problem.as_data()}, ensure_ascii=False), err=True)
        return
    click.echo(f"[{problem.kind.code}] {problem.message('vi')}\n  → {problem.advice('vi')}", err=True)
    click.echo(f"[{problem.kind.code}] {problem.message('en')}\n  → {problem.advice('en')}", err=True)
