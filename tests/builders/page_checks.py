"""What a page must keep to on any screen: checked in a real browser, told as sentences; an empty list is good."""

from __future__ import annotations

from playwright.sync_api import Page

TOUCH = 48  # CSS pixels: the smallest thing a finger has to hit on the phone

_OVERFLOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.right > room + 1;
  });
  return wide.slice(0, 5).map((e) => `${e.tagName}.${e.className} ends at ${e.getBoundingClientRect().right}`);
}"""
_SMALL = """(least) => {
  const seen = (e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false });
  const target = (e) => (e.matches('input[type=checkbox], input[type=radio]') && e.closest('label')) || e;
  const hit = [...document.querySelectorAll('button, select, input:not([type=hidden]):not([type=file]), a.button')];
  return [...new Set(hit.filter(seen).map(target))]
    .map((e) => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 1 && (box.height < least - 0.5 || box.width < least - 0.5))
    .map(([e, box]) => `${e.className || e.tagName} “${e.textContent.trim().slice(0, 30)}” ${box.width}×${box.height}`);
}"""


def sideways(page: Page) -> list[str]:
    """What reaches beyond the right edge of the screen."""
    found: list[str] = page.evaluate(_OVERFLOW)
    return found


def too_small(page: Page) -> list[str]:
    """Controls that a finger would miss."""
    found: list[str] = page.evaluate(_SMALL, TOUCH)
    return found


def headings(page: Page) -> int:
    """How many first headings a reader hears; one is right."""
    return page.locator("h1:visible").count()
