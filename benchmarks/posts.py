"""Posts without a run behind them, for sites of any size, ours and a peer's."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.website.conftest import a_post
from workbench.core.posts import Post

WORDS = 700
_WORDS = (
    "customer order week month share second first early late again habit basket price "
    "plan trial renewal churn cohort interval margin estimate evidence sample visit "
    "channel coupon region season baseline effect question answer window record"
)
_VOCABULARY = tuple(_WORDS.split(" "))
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 320" width="640"'
    ' height="320" role="img"><path fill="none" stroke="{ink}" stroke-width="2"'
    ' d="{path}"/></svg>'
)
_FIGURE = (
    '<figure><img src="curve.{ink}.svg" alt="Line chart: the share rises."'
    ' width="640" height="320" loading="lazy">'
    "<figcaption>It rises.</figcaption></figure>"
)
FILES = ("curve.light.svg", "curve.dark.svg")


def body(number: int, revision: int = 1) -> str:
    """Prose, two figures, a table and code: the text that both sites hold."""
    chance = random.Random(number)
    parts = [f"Revision {revision} of post {number}."]
    for section in range(4):
        words = [chance.choice(_VOCABULARY) for _ in range(WORDS // 4)]
        sentences = [" ".join(words[k : k + 12]) for k in range(0, len(words), 12)]
        text = ". ".join(each.capitalize() for each in sentences)
        parts += [f"## Part {section + 1} of {number}", f"{text}."]
    rows = "\n".join(f"| {week} | {chance.random():.1%} |" for week in range(12))
    parts += [
        _FIGURE.format(ink="light"),
        _FIGURE.format(ink="dark"),
        f"| Week | Share |\n| --- | --: |\n{rows}",
        "```python\nshare = orders.groupby('week')['again'].mean()\n```",
    ]
    return "\n\n".join(parts)


def files(number: int) -> dict[str, bytes]:
    """The pictures of a post."""
    chance = random.Random(-number - 1)
    path = "M0 300" + "".join(f"L{x} {300 * chance.random():.0f}" for x in range(640))
    return {
        name: _SVG.format(ink=ink, path=path).encode()
        for name, ink in zip(FILES, ("#1c2126", "#e3e7ea"), strict=True)
    }


def topics(number: int) -> tuple[str, str]:
    """Two of a dozen topics."""
    return f"topic {number % 7}", f"theme {number % 5}"


def day(number: int, revision: int = 1) -> datetime:
    """The date of a post's data."""
    return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number + 7 * revision)


def ours(number: int, revision: int = 1) -> Post:
    """The post as our press would hand it on."""
    kinds = ("faq", "lesson", "tool")
    base = a_post(f"study-{number}", kind=kinds[number % len(kinds)])
    claim = f"They buy again more often, in post {number}."
    text = {**base.takeaways[0].text, "claim": claim}
    title = f"What do customers of post {number} do?"
    head = f"---\ntitle: {title}\ntags: {list(topics(number))}\n---"
    return replace(
        base,
        as_of=day(number, revision),
        title=title,
        tags=topics(number),
        markdown=f"{head}\n\n# {title}\n\n{body(number, revision)}\n\n## Tradable "
        f"takeaway {{ #tradable-takeaway }}\n\n{claim}\n",
        assets={**files(number), "result.json": b'{"gap": 0.123}\n'},
        takeaways=(replace(base.takeaways[0], text=text),),
    )


PEER = """\
site_name: Peer
site_url: https://example.org/
theme: {name: material, font: false, features: [navigation.tabs, navigation.top]}
plugins: [search, tags, blog]
markdown_extensions:
  [admonition, attr_list, def_list, footnotes, md_in_html, tables, toc,
   pymdownx.details, pymdownx.highlight, pymdownx.superfences]
"""


def theirs(folder: Path, posts: int) -> Path:
    """The same posts as a blog of MkDocs and Material alone; returns its settings."""
    written = folder / "docs" / "blog" / "posts"
    written.mkdir(parents=True)
    (folder / "docs" / "index.md").write_text("# Peer\n")
    (folder / "docs" / "blog" / "index.md").write_text("# Blog\n")
    (folder / "docs" / "tags.md").write_text("# Topics\n\n<!-- material/tags -->\n")
    for number in range(posts):
        home = written / f"study-{number}"
        home.mkdir()
        head = f"---\ndate: {day(number):%Y-%m-%d}\ntags: {list(topics(number))}\n---"
        title = f"# What do customers of post {number} do?"
        first, _, rest = body(number).partition("\n\n")
        text = f"{head}\n\n{title}\n\n{first}\n\n<!-- more -->\n\n{rest}\n"
        (home / "index.md").write_text(text)
        for name, data in files(number).items():
            (home / name).write_bytes(data)
    settings = folder / "mkdocs.yml"
    settings.write_text(PEER)
    return settings
