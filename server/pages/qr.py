"""Codes to photograph with a phone: a sign-in link, and the settings of ODK Collect."""

from __future__ import annotations

import base64
import json
import zlib

from markupsafe import Markup

# What a collaborator cannot change in Collect: each of them could keep interviews from arriving.
_LOCKED = (
    "change_server",
    "form_update_mode",
    "periodic_form_updates_check",
    "automatic_update",
    "change_autosend",
    "delete_after_send",
    "analytics",
)


def picture(text: str, title: str) -> Markup:
    """The code as an SVG to put into a page; dark on white whatever the page's colours are, or no camera reads it."""
    import segno

    code = segno.make(text, error="m", micro=False)
    made = code.svg_inline(
        dark="#000000", light="#ffffff", border=4, omitsize=True, svgclass="qr", title=title
    )
    return Markup(made.replace("<svg ", '<svg role="img" ', 1))  # noqa: S704 - segno escapes the title


def collect_settings(
    openrosa_url: str, *, project: str, person: str, admin_password: str = "", language: str = "vi"
) -> str:
    """The settings of ODK Collect as its code holds them: JSON, compressed, Base64.

    Names and values are those of Collect's ``client-settings.schema.json``; what is left out has Collect's default.
    The way in stands in the address, so there is no name and password; received interviews leave the phone.
    """
    settings = {
        "general": {
            "protocol": "odk_default",
            "server_url": openrosa_url,
            "username": "",
            "password": "",
            "form_update_mode": "match_exactly",
            "periodic_form_updates_check": "every_one_hour",
            "automatic_update": True,
            "hide_old_form_versions": True,
            "autosend": "wifi_and_cellular",
            "delete_send": True,
            "image_size": "medium",
            "constraint_behavior": "on_swipe",
            "guidance_hint": "yes_collapsed",
            "app_language": language,
            "metadata_username": person,
            "analytics": False,
        },
        "admin": dict.fromkeys(_LOCKED, False) | ({"admin_pw": admin_password} if admin_password else {}),
        "project": {"name": project, "icon": "M", "color": "#1e7a4c"},
    }
    written = json.dumps(settings, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(zlib.compress(written.encode(), 9)).decode()
