"""``mangnon …``: joins the commands. With ``--json`` only JSON goes to standard output; errors go to standard error."""

from __future__ import annotations

import click

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
from server.commands.submissions import submissions


@click.group()
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
