"""The settings code of ODK Collect: what is in it, that Collect knows every name and value, and that it works."""

from __future__ import annotations

import base64
import json
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest
from browser import Browser
from office import Office

from server.pages import qr
from server.settings import read_settings

# The names and values of Collect's client-settings.schema.json (general and admin) that may stand in our codes.
ONE_OF = {
    "protocol": {"odk_default"},
    "form_update_mode": {"manual", "previously_downloaded", "match_exactly"},
    "periodic_form_updates_check": {
        "every_fifteen_minutes",
        "every_one_hour",
        "every_six_hours",
        "every_24_hours",
    },
    "autosend": {"off", "wifi_only", "cellular_only", "wifi_and_cellular"},
    "image_size": {"original_image_size", "small", "very_small", "medium", "large"},
    "constraint_behavior": {"on_swipe", "on_finalize"},
    "guidance_hint": {"no", "yes", "yes_collapsed"},
}
TEXTS = {"server_url", "username", "password", "app_language", "metadata_username"}
SWITCHES = {"automatic_update", "hide_old_form_versions", "delete_send", "analytics"}
LOCKS = {
    "change_server",
    "form_update_mode",
    "periodic_form_updates_check",
    "automatic_update",
    "change_autosend",
    "delete_after_send",
    "analytics",
}


def decoded(text: str) -> dict[str, Any]:
    return dict(json.loads(zlib.decompress(base64.b64decode(text, validate=True))))


def settings_of(**more: str) -> dict[str, Any]:
    made = qr.collect_settings(
        "https://khaosat.example/key/abc", project="Măng Non", person="Người Thử", **more
    )
    return decoded(made)


def test_collect_knows_every_name_and_value() -> None:
    made = settings_of()
    assert set(made) == {"general", "admin", "project"}
    general = made["general"]
    assert set(general) == {*ONE_OF, *TEXTS, *SWITCHES}
    assert all(general[name] in values for name, values in ONE_OF.items())
    assert all(isinstance(general[name], str) for name in TEXTS)
    assert all(isinstance(general[name], bool) for name in SWITCHES)
    assert made["admin"] == dict.fromkeys(LOCKS, False)
    assert set(made["project"]) == {"name", "icon", "color"}


def test_it_keeps_forms_in_step_sends_at_once_and_leaves_nothing_on_the_phone() -> None:
    general = settings_of()["general"]
    assert general["server_url"] == "https://khaosat.example/key/abc"
    assert (general["username"], general["password"]) == ("", "")
    assert (general["form_update_mode"], general["autosend"]) == ("match_exactly", "wifi_and_cellular")
    assert (general["delete_send"], general["analytics"], general["image_size"]) == (True, False, "medium")
    assert general["metadata_username"] == "Người Thử"


@pytest.mark.parametrize("password", ["", "mat-khau-van-phong"])
def test_the_office_s_own_password_locks_the_settings(password: str) -> None:
    admin = settings_of(admin_password=password)["admin"]
    assert admin.get("admin_pw", "") == password
    given = read_settings({"MANGNON_COLLECT_ADMIN_PASSWORD": password})
    assert given.collect_admin_password == password
    assert "mat-khau-van-phong" not in repr(given)


def test_the_code_on_the_page_is_the_one_that_sets_up_collect(office: Office, admin: Browser) -> None:
    office.app.config["SETTINGS"] = replace(
        office.app.config["SETTINGS"], collect_admin_password="mat-khau-van-phong"
    )
    admin.get("/people/add")
    page = admin.post("/people/add", name="Người Quét Mã", role="collaborator", area="05977").text
    address = re.search(r"http://127\.0\.0\.1:8000(/key/[\w-]+)", page)
    assert address
    text = qr.collect_settings(
        address[0], project="Măng Non", person="Người Quét Mã", admin_password="mat-khau-van-phong"
    )
    picture = str(qr.picture(text, "Mã cài đặt ODK Collect"))
    assert picture in page
    found = decoded(text)
    assert (found["general"]["server_url"], found["admin"]["admin_pw"]) == (address[0], "mat-khau-van-phong")
    assert office.app.test_client().get(f"{address[1]}/formList").status_code == 200
