"""A draft of a form, as phones get it to try: the same questions under a version of its own.

The version says that it is a trial ("2.0-thu-1a2b3c4d"), so what is filled with it can never be taken for an answer
to the released version, whatever door it comes through and however late; a changed draft is another version.
"""

from __future__ import annotations

from dataclasses import replace

from lxml import etree

from forms.draft_mark import trial_version
from forms.publish import PublishedForm, hash_of
from forms.xform import primary_instance
from forms.xml import in_utf8, local, parse

TITLE_MARK = " (bản thử)"


def trial_copy(form: PublishedForm) -> PublishedForm:
    """The form with the trial's version and title; everything asked stays as it is."""
    document = parse(in_utf8(form.xform), scale=20)
    version, title = trial_version(form.version, form.xform), form.title + TITLE_MARK
    primary_instance(document).set("version", version)
    for element in document.iter(etree.Element):
        if local(element) == "title":
            element.text = title
            break
    xform = etree.tostring(document, encoding="utf-8", xml_declaration=True)
    return replace(form, version=version, title=title, xform=xform, hash=hash_of(xform))
