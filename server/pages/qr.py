"""Codes to photograph with a phone: a sign-in link, and the settings of ODK Collect."""

from __future__ import annotations

import base64
import json
import zlib

from markupsafe import Markup


def picture(text: str, title: str) -> Markup:
    """The code as an SVG to put into a page; dark on white whatever the page's colours are, or no camera reads it."""
    import segno

    code = segno.make(text, error="m", micro=False)
    made = code.svg_inline(
        dark="#000000", light="#ffffff", border=4, omitsize=True, svgclass="qr", title=title
    )
    return Markup(made.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno escapes the title


def collect_settings(openrosa_url: str, project: str) -> str:
    """The settings of ODK Collect as its code holds them: JSON, compressed, Base64."""
    settings = {
        "general": {
            "server_url": openrosa_url,
            "form_update_mode": "match_exactly",
            "autosend": "wifi_and_cellular",
            "app_language": "vi",
        },
        "admin": {},
        "project": {"name": project, "icon": "M", "color": "#1e7a4c"},
    }
    return base64.b64encode(zlib.compress(json.dumps(settings, ensure_ascii=False).encode())).decode()
