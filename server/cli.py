"""``mangnon …``: joins the commands. With ``--json`` only JSON goes to standard output; errors go to standard error."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from forms.problems import Problem
from server.commands.authorities import authorities
from server.commands.backup import backup, move, restore, verify
from server.commands.children import children
from server.commands.export import export
from server.commands.forms import forms
from server.commands.law import law
from server.commands.people import people
from server.commands.places import places
from server.commands.practice import practice
from server.commands.rebuild import rebuild
from server.commands.rejudge import rejudge
from server.commands.rounds import rounds
from server.commands.running import init, serve
from server.commands.saying import tell
from server.commands.submissions import submissions


class Commands(click.Group):
    """A wrong call with ``--json`` is told as JSON too: exit code 2, as for every wrong call."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **words: Any) -> Any:
        given = list(sys.argv[1:] if args is None else args)
        if "--json" not in given or not words.get("standalone_mode", True):
            return super().main(args, *more, **words)
        try:
            ended = super().main(given, *more, **{**words, "standalone_mode": False})
        except click.UsageError as error:
            name = error.ctx.command_path if error.ctx else "mangnon"
            tell(Problem("usage_wrong", fault=error.format_message(), command=name), True)
            ended = error.exit_code
        sys.exit(ended if isinstance(ended, int) else 0)


@click.group(cls=Commands)
@click.version_option(package_name="mangnon")
def main() -> None:
    """Măng Non: khảo sát lao động trẻ em. / Surveys of children at work."""


law.add_command(rejudge)
COMMANDS = (
    init,
    serve,
    people,
    places,
    authorities,
    forms,
    rebuild,
    export,
    law,
    children,
    practice,
    rounds,
    submissions,
    backup,
    restore,
    verify,
    move,
)
for command in COMMANDS:
    main.add_command(command)
