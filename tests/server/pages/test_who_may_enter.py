"""Who may enter which page: every route of the pages is tried by everyone, without a list to keep by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from browser import Browser, administrator, said, signed_in, stranger
from flask import Flask
from office import Office

from server.access.rules import RIGHTS
from server.entrance import WEB, declared

ROLES = ("administrator", "officer", "collaborator")


def guarded(app: Flask) -> Iterator[tuple[str, str, str | None]]:
    """Method, address and right of every route that people of the pages enter."""
    for rule in app.url_map.iter_rules():
        found = declared(app.view_functions[rule.endpoint])
        assert found is not None
        kind, right, doors, _ = found
        if kind == "people" and WEB in doors:
            address = re.sub(r"<(?:[a-z]+:)?[a-z_]+>", "khong-co", rule.rule)
            for method in sorted((rule.methods or set()) & {"GET", "POST"}):
                yield method, address, right


def ask(browser: Browser, method: str, address: str) -> int:
    answer = browser.get(address) if method == "GET" else browser.post(address)
    return answer.status_code


def test_there_is_something_to_guard(office: Office) -> None:
    assert len(list(guarded(office.app))) >= 35


def test_a_stranger_enters_nothing(office: Office) -> None:
    browser = stranger(office)
    browser.get("/sign-in")
    for method, address, _ in guarded(office.app):
        assert ask(browser, method, address) == (302 if method == "GET" else 401), (method, address)


@pytest.mark.parametrize("role", ["officer", "collaborator"])
def test_nobody_enters_without_the_right(office: Office, role: str) -> None:
    browser = signed_in(office, office.add(f"Người {role}", role, "05977"))
    for method, address, right in guarded(office.app):
        if right is not None and right not in RIGHTS[role]:  # type: ignore[index]
            answer = browser.get(address) if method == "GET" else browser.post(address)
            assert answer.status_code == 403, (method, address)
            assert "P206" in said(answer), (method, address)  # not_allowed


@pytest.mark.parametrize("role", ["administrator", "officer"])
def test_everyone_sees_the_pages_of_their_right(office: Office, role: str) -> None:
    browser = (
        administrator(office)
        if role == "administrator"
        else signed_in(office, office.add("Cán Bộ Chung", "officer"))
    )
    for method, address, right in guarded(office.app):
        if method == "GET" and "khong-co" not in address and (right is None or right in RIGHTS[role]):  # type: ignore[index]
            answer = browser.get(address)
            assert answer.status_code in (200, 302, 303, 400), address
            assert answer.get_data(as_text=True).count("<h1") == 1 or answer.mimetype != "text/html", address


def test_what_does_not_exist_is_said_in_words(office: Office) -> None:
    browser = administrator(office)
    for method, address, _ in guarded(office.app):
        if method == "GET" and "khong-co" in address:
            answer = browser.get(address)
            assert answer.status_code == 404, address
            assert "C201" in said(answer), address
