"""The officers' pages: one file per noun, templates in Jinja, words in two languages, nothing from another host."""

from __future__ import annotations

from flask import Flask

from server.entrance import WEB
from server.pages import (
    admin,
    admin_drafts,
    admin_form,
    admin_forms,
    admin_places,
    admin_trials,
    children,
    contacts,
    coverage_map,
    export,
    frame,
    overview,
    people,
    rounds,
    same_child,
    submissions,
    trial,
    welcome,
)

BLUEPRINTS = (
    frame.blueprint,
    welcome.blueprint,
    overview.blueprint,
    coverage_map.blueprint,
    submissions.blueprint,
    children.blueprint,
    same_child.blueprint,
    rounds.blueprint,
    trial.blueprint,
    people.blueprint,
    contacts.blueprint,
    export.blueprint,
    admin.blueprint,
)
# These add their routes to the administration's blueprint.
ROOMS = (admin_drafts, admin_form, admin_forms, admin_places, admin_trials)


def register_pages(app: Flask) -> None:
    """Attach every page, the frame around them, and the way a browser is known."""
    frame.prepare(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.extensions["mangnon.identify"][WEB] = welcome.identify
    app.before_request(welcome.ask_new_password)
