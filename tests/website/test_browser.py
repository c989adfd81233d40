"""Every page in a real browser: phone and desktop, light and dark, screen and paper."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from typing_extensions import override

pytestmark = [pytest.mark.browser, pytest.mark.site, pytest.mark.slow]

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STORAGE_ALLOWED = {"/.__palette"}
VIEWS = [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]

# Contrast of every visible text with the nearest opaque background behind it, as WCAG
# 2.2 computes it (1.4.3: 4.5:1, or 3:1 from 24 px, or from 18.66 px when bold).
LOW_CONTRAST = """() => {
  const canvas = document.createElement('canvas').getContext('2d',
    {willReadFrequently: true});
  const rgba = (color) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data].map((v) => v / 255);
  };
  const light = (c) => {
    const [r, g, b] = c.slice(0, 3).map(
      (v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const color = rgba(getComputedStyle(e).backgroundColor);
      if (color[3] > 0.99) return color;
    }
    return [1, 1, 1, 1];
  };
  const bad = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const style = getComputedStyle(element);
    const hidden = !element.checkVisibility({opacityProperty: true,
      visibilityProperty: true, contentVisibilityAuto: true});
    const technical = ['SCRIPT', 'STYLE', 'NOSCRIPT'].includes(element.tagName);
    if (hidden || technical || !walker.currentNode.data.trim()) continue;
    const [a, b] = [light(rgba(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5))
      bad.push(`${walker.currentNode.data.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return bad;
}"""
# One main, one h1, landmarks told apart by name, every control and picture named.
STRUCTURE = """() => {
  const bad = [];
  const shown = (e) => e.checkVisibility({visibilityProperty: true});
  const all = (what) => [...document.querySelectorAll(what)].filter(shown);
  if (all('main').length !== 1) bad.push('not one main');
  if (all('h1').length !== 1) bad.push('not one h1');
  if (!document.documentElement.lang) bad.push('no language');
  const named = (e) => e.getAttribute('aria-label') ||
    document.getElementById(e.getAttribute('aria-labelledby'))?.textContent.trim();
  const navs = all('nav').map(named);
  if (navs.some((name) => !name)) bad.push('a nav without a name');
  if (new Set(navs).size !== navs.length) bad.push(`navs of one name: ${navs}`);
  for (const e of all('[role=dialog], [role=region]'))
    if (!named(e)) bad.push(`${e.className} without a name`);
  for (const e of all('img')) if (!e.hasAttribute('alt')) bad.push('img without alt');
  for (const e of all('a[href]'))
    if (!(e.textContent.trim() || named(e) || e.title)) bad.push('link without words');
  for (const e of all('article *')) {
    const style = getComputedStyle(e);
    const scrolls = /auto|scroll/.test(style.overflowX) &&
      e.scrollWidth > e.clientWidth + 1;
    if (scrolls && e.tabIndex < 0 && e.tagName !== 'CODE')
      bad.push(`${e.className} scrolls out of the keyboard's reach`);
  }
  for (const e of all('table th')) if (!e.textContent.trim()) bad.push('empty th');
  let level = 1;
  for (const e of all('article :is(h1, h2, h3, h4)')) {
    const next = Number(e.tagName[1]);
    if (next > level + 1) bad.push(`${e.tagName} after h${level}`);
    level = next;
  }
  return bad;
}"""
# A name in a table that goes on in the next line reads as two.
BROKEN_NAMES = """() => {
  const bad = [];
  for (const e of document.querySelectorAll('article table code')) {
    const range = document.createRange();
    range.selectNodeContents(e);
    const lines = new Set([...range.getClientRects()].map((r) => Math.round(r.top)));
    if (!/\\s/.test(e.textContent.trim()) && lines.size > 1)
      bad.push(`${e.textContent} is broken`);
  }
  return bad;
}"""
# Unfolded, too; a caption as wide as its table would end beyond what can be seen.
CUT_CAPTIONS = """() => {
  const folded = [...document.querySelectorAll('article details:not([open])')];
  folded.forEach((e) => { e.open = true; });
  const bad = [...document.querySelectorAll('.scroll caption')]
    .filter((e) => e.offsetWidth > e.closest('.scroll').clientWidth + 1)
    .map((e) => `${e.textContent} is cut`);
  folded.forEach((e) => { e.open = false; });
  return bad;
}"""
OVERFLOW = """() => document.documentElement.scrollWidth
  - document.documentElement.clientWidth"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    @override
    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture(scope="module")
def address(released: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(Quiet, directory=str(released))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=str(chromium), args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def paths(released: Path) -> list[str]:
    """Every page as a reader would ask for it."""
    pages = (p.relative_to(released).as_posix() for p in released.rglob("*.html"))
    return sorted(page.removesuffix("index.html") for page in pages)


def listen(page: Page, address: str) -> list[str]:
    """Collects what a page must not do."""
    heard: list[str] = []
    page.on(
        "console",
        lambda said: heard.append(said.text) if said.type == "error" else None,
    )
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda asked: (
            None
            if asked.url.startswith((address, "data:", "blob:"))
            else heard.append(asked.url)
        ),
    )
    page.on(
        "response",
        lambda got: (
            heard.append(f"{got.status} {got.url}") if got.status >= 400 else None
        ),
    )
    return heard


@pytest.mark.parametrize(("width", "scheme"), VIEWS)
def test_every_page_is_quiet_readable_and_within_its_frame(
    browser: Browser, address: str, paths: list[str], width: int, scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="light" if scheme == "light" else "dark",
    )
    page = context.new_page()
    heard = listen(page, address)
    wrong: dict[str, list[str]] = {}
    for path in paths:
        page.goto(address + path)
        found = [
            said
            for script in (LOW_CONTRAST, STRUCTURE, BROKEN_NAMES, CUT_CAPTIONS)
            for said in page.evaluate(script)
        ]
        if overflow := page.evaluate(OVERFLOW):
            found.append(f"scrolls sideways by {overflow} px")
        wrong |= {path: found} if found else {}
    assert wrong == {}
    assert heard == []
    assert context.cookies() == []
    assert set(page.evaluate("Object.keys(localStorage)")) <= STORAGE_ALLOWED
    assert page.evaluate("Object.keys(sessionStorage)") == []
    context.close()


def test_the_figure_follows_the_colours_and_search_stays_on_the_site(
    browser: Browser, address: str
) -> None:
    page = browser.new_page(color_scheme="dark")
    heard = listen(page, address)
    page.goto(f"{address}posts/early-birds/")
    assert page.locator('img[src$="#only-dark"]').is_visible()
    assert not page.locator('img[src$="#only-light"]').is_visible()
    page.locator("input[name=query]").click()
    page.keyboard.type("birds")
    page.locator(".md-search-result__item").first.wait_for(state="visible")
    assert heard == []
    page.close()


def test_without_scripts_the_takeaway_and_its_numbers_are_there(
    browser: Browser, address: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}posts/early-birds/")
    assert page.locator("#takeaway-1 .verdict").is_visible()
    assert page.locator("table.data").first.is_visible()
    page.goto(f"{address}takeaways/")
    assert page.locator("table.data tbody tr").count() == 4
    context.close()


def test_on_paper_folded_numbers_are_open(browser: Browser, address: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}posts/early-birds/")
    folded = page.locator("#hidden-words")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible()
    assert folded.bounding_box() is not None
    page.close()
