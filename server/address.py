"""Form ids and versions as one part of an address, whatever they are: with a slash in them, or empty.

Servers and proxies read ``%2F`` as a step and an empty part as none at all; so these are written once more escaped.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from werkzeug.routing import BaseConverter

_NOTHING = "%none"  # no other part comes to this: every percent sign of a name is followed by 25 or 2F


def part(name: str) -> str:
    """The part of an address that says this name; most names stand as they are."""
    return quote(name.replace("%", "%25").replace("/", "%2F") or _NOTHING, safe="")


class NameConverter(BaseConverter):
    """``<name:form_id>`` in a route: the name that ``part`` wrote."""

    def to_python(self, value: str) -> str:
        return "" if value == _NOTHING else unquote(value)

    def to_url(self, value: str) -> str:
        return part(value)
