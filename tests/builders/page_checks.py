"""What a page must keep to on any screen: checked in a real browser, told as sentences; an empty list is good."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "server" / "phone" / "node_modules" / "axe-core" / "axe.min.js"
TOUCH = 48  # CSS pixels: the smallest thing a finger has to hit on the phone

_OVERFLOW = """() => {
  const room = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= room) return [];
  const wide = [...document.querySelectorAll('body *')].filter((e) => {
    const box = e.getBoundingClientRect();
    return e.checkVisibility() && box.width > 0 && box.right > room + 1;
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

_AXE_RUN = """async () => {
  const only = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] };
  const { violations } = await axe.run(document, { runOnly: only, resultTypes: ['violations'] });
  return violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html }) => ({ html })) }));
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


def policy_breaches(page: Page) -> list[str]:
    """A list that fills with what the content security policy stopped, from now on."""
    told: list[str] = []
    page.on(
        "console", lambda line: told.append(line.text) if "Content Security Policy" in line.text else None
    )
    return told


def barriers(page: Page) -> list[str]:
    """What axe-core finds that keeps someone out: rules of WCAG 2.2 A and AA."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate(_AXE_RUN)
    return [
        f"{entry['id']}: {entry['help']}: {node['html'][:160]}" for entry in found for node in entry["nodes"]
    ]
