"""Each code of the gate has a post that fails by it and one that passes, by command.

The one that passes every rule is the fixture's; each that fails is a copy of it, broken
in the one way that its code is about, where an author or a mishap would break it.
"""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from tests.publishing.conftest import OTHER, OURS, STUDY, Root
from workbench.core.findings import Severity
from workbench.core.posts import Post
from workbench.publishing.gate import RULES, Rule, anchors
from workbench.publishing.gate.evidence import RULES as OF_EVIDENCE
from workbench.rendering import render_post
from workbench.website.converting import converter_of

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.kernel, pytest.mark.site, pytest.mark.slow]

Change = Callable[[Root, pytest.MonkeyPatch], None]
LINKS = (
    "See [what we found](#what-we-found), [all posts](../index.md), "
    f"[the other study](../{OTHER}/index.md#tradable-takeaway) and "
    "[the paper](https://example.org/12)."
)
BADGE = '<span class="verdict verdict--trade">Trade</span>'
FORGED = '<data value="gap.estimate">many</data>'
BLOCK = '<div class="takeaway"><p>Trade it.</p></div>'
NOTE = "[^a]: Of 9,999 greeted 88% came back, p < 0.001."
TITLE = '[y]: result.json "rose by 47%"'
CITED = (
    "It was known[^a] since 1997, see [the paper][b].\n\n"
    "[^a]: A. Author and B. Author (2005), *Marketing Science* 24(2), 275\u2013284, "
    "doi:10.1287/mksc.1040.0098.\n\n"
    '[b]: https://example.org/10/20 "A paper"'
)
SHAPES = """
1. First, `n = 3`.
2. Then the *others*; H2O is a name.

| Who | How many |
| --- | ---: |
| greeted | {gap[greeted].n} |

> In 1997, and from April 1997 on.

!!! note "What is meant"
    A visit.

```python title="before"
x = 47
```

![Shares](by_welcome.light-wide.svg "The shares")

### The tradable part { #part }

Term
:   What it is.
"""
LONG = "We looked at what they did and wrote it down in plain words. " * 260


@dataclass(frozen=True)
class Broken:
    """One way to break a post: its code, the place it names, and how to do it."""

    code: str
    place: str
    change: Change
    name: str = ""
    also: tuple[str, ...] = ()  # rules that see the same thing; "*" for any


def prose(text: str) -> Change:
    """The first Markdown cell says something more."""

    def change(cells: list[Any]) -> None:
        cells[0]["source"] = "".join(cells[0]["source"]) + f"\n{text}\n"

    return lambda root, _: root.edit_everywhere(change)


def outputs(change: Callable[[dict[str, Any]], None]) -> Change:
    """The values of the run are others; they are changed by name."""

    def apply(lines: list[Any]) -> None:
        kinds = ("evidence", "figure", "table", "takeaway")
        shown = [(k, line[k]) for line in lines for k in kinds if line[k]]
        change({each.get("name", kind): each for kind, each in shown})

    return lambda root, _: root.edit_outputs(apply)


def rendered(change: Callable[[Post], Post]) -> Change:
    """Our own rendering makes a mistake."""

    def apply(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
        shutil.rmtree(root.path / ".workbench" / "rendered")

        def wrong(**terms: Any) -> Post:
            post = render_post(**terms)
            return change(post) if post.study == STUDY else post

        monkeypatch.setattr("workbench.publishing.drafting.render_post", wrong)

    return apply


def page(old: str, new: str) -> Change:
    """The page as rendered holds another text."""

    def change(post: Post) -> Post:
        assert old in post.markdown
        return replace(post, markdown=post.markdown.replace(old, new))

    return rendered(change)


def asset(name: str, old: str, new: str) -> Change:
    """A file beside the page holds another text."""

    def change(post: Post) -> Post:
        text = post.assets[name].decode()
        assert old in text
        return replace(
            post, assets={**post.assets, name: text.replace(old, new).encode()}
        )

    return rendered(change)


def changed_after_sealing(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit(f"research/{STUDY}.yaml", "margin: 0.15", "margin: 0.01")


def of_no_variant(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_record(lambda record: record["spec"].update(variant=None))


def counted(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_source(lambda cells: cells[2].update(execution_count=3))


def pasted(root: Root, _: pytest.MonkeyPatch) -> None:
    pictures = {"chart.png": {"image/png": "aGVsbG8="}}
    root.edit_source(lambda cells: cells[0].update(attachments=pictures))


def with_widgets(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit(f"notebooks/{STUDY}.ipynb", '"metadata": {}, "nb', _WIDGETS)


_WIDGETS = '"metadata": {"widgets": {"state": {"x": 1}}}, "nb'


def edited_later(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_source(lambda cells: cells[3].update(source="## Something else"))


def printed(root: Root, _: pytest.MonkeyPatch) -> None:
    stream = {"output_type": "stream", "name": "stdout", "text": "c01 came back"}
    root.edit_executed(lambda cells: cells[2]["outputs"].append(stream))


def own_plot(root: Root, _: pytest.MonkeyPatch) -> None:
    plot: dict[str, Any] = {"application/vnd.plotly.v1+json": {"data": []}}
    shown = {"output_type": "display_data", "data": plot, "metadata": {}}
    root.edit_executed(lambda cells: cells[4]["outputs"].append(shown))


def captured_figure(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_executed(lambda cells: cells[4].update(outputs=[]))


def captured_table(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_executed(lambda cells: cells[5].update(outputs=[]))


def without_takeaway(root: Root, _: pytest.MonkeyPatch) -> None:
    root.edit_outputs(lambda lines: lines.pop())
    root.edit_executed(lambda cells: cells[6].update(outputs=[]))


def prose_after(root: Root, _: pytest.MonkeyPatch) -> None:
    last = {"cell_type": "markdown", "id": "x", "metadata": {}, "source": "And so on."}
    root.edit_everywhere(lambda cells: cells.append(last))


def in_a_comment(root: Root, _: pytest.MonkeyPatch) -> None:
    """A takeaway that is only spoken of counts for none."""

    def change(cells: list[Any]) -> None:
        cells[6]["source"] = "# wb.takeaway(kind='lesson')"

    root.edit_everywhere(change)
    without_takeaway(root, _)


def typed_by_hand(root: Root, _: pytest.MonkeyPatch) -> None:
    """The page's source shows a number that nothing bound, dressed as a bound one."""

    def change(cells: list[Any]) -> None:
        cells[0]["source"] += '\nIt is <data value="gap.estimate">99</data> points.'

    root.edit_executed(change)


def only_one_claim(values: dict[str, Any]) -> None:
    takeaway = values["takeaway"]
    takeaway["evidence"] = ["gap"]
    takeaway["claims"] = [each for each in takeaway["claims"] if each["claim"] == "gap"]


BROKEN = (
    Broken("unregistered", "registration", changed_after_sealing),
    Broken("exploratory", "parameters", of_no_variant),
    Broken("notebook-outputs", "cell 3", counted),
    Broken("notebook-outputs", "cell 1", pasted, "pasted"),
    Broken("notebook-outputs", "notebook", with_widgets, "widgets"),
    Broken("source-newer", "notebook", edited_later),
    Broken("stray-output", "cell 3", printed),
    Broken("stray-output", "cell 5", own_plot, "plotly"),
    Broken("claim-unused", "claim back", outputs(only_one_claim)),
    Broken("takeaway-missing", "post", without_takeaway),
    Broken("takeaway-missing", "post", in_a_comment, "comment"),
    Broken("takeaway-not-last", "cell 8", prose_after),
    Broken(
        "takeaway-not-last", "post", page('<p class="small">', "## More\n\n<p>"), "page"
    ),
    Broken(
        "takeaway-incomplete",
        "takeaway 1",
        outputs(lambda v: v["takeaway"]["when"]["do not trade"].pop("action")),
    ),
    Broken(
        "takeaway-incomplete",
        "takeaway 1",
        outputs(lambda v: v["takeaway"]["when"]["do not trade"].update(action="...")),
        "dots",
    ),
    Broken(
        "takeaway-typed",
        "takeaway 1",
        outputs(lambda v: v["takeaway"].update(verdict="do not trade")),
    ),
    Broken(
        "takeaway-typed",
        "takeaway 1",
        outputs(lambda v: v["takeaway"]["text"].update(claim="Up by half.")),
        "words",
    ),
    Broken("takeaway-sparse", "post", prose(LONG)),
    Broken("number-unbound", "cell 1", prose("It rose by 12%.")),
    Broken("number-unbound", "cell 1", prose("It rose by _12%_."), "emphasis"),
    Broken("number-unbound", "cell 1", prose("Less ~~~ 12% ~~~ more."), "no fence"),
    Broken("number-unbound", "cell 1", prose("A < 12% and > B."), "no tag"),
    Broken(
        "number-unbound", "cell 1", prose("![12%](by_welcome.light-wide.svg)"), "alt"
    ),
    Broken("number-unbound", "cell 1", prose("{gap.n:9>8} of them."), "format"),
    Broken(
        "number-unbound",
        "figure by_welcome",
        outputs(lambda v: v["by_welcome"].update(title="It rose by 12%")),
        "figure title",
    ),
    Broken(
        "number-unbound",
        "figure by_welcome",
        outputs(lambda v: v["by_welcome"].update(y_format="9>8.1%")),
        "figure format",
    ),
    Broken(
        "number-unbound",
        "table welcomes",
        outputs(lambda v: v["welcomes"]["columns"][0].update(label="Up 12%")),
        "heading",
    ),
    Broken(
        "number-unbound",
        "title",
        lambda root, _: root.edit(f"research/{STUDY}.yaml", "Who comes", "99 come"),
        "title",
    ),
    Broken("number-unbound", "cell 1", prose("`a\nb` 47% `c`"), "after split code"),
    Broken(
        "number-unbound", "cell 1", prose("Up by &#x31;&#x32; points."), "reference"
    ),
    Broken("number-unbound", "cell 1", prose(f"It was so.[^a]\n\n{NOTE}"), "footnote"),
    Broken("number-unbound", "cell 1", prose(f"See [x][y].\n\n{TITLE}"), "link title"),
    Broken(
        "number-unbound",
        "cell 1",
        prose('```python title="up by 47%"\nx = y\n```'),
        "title of a fence",
    ),
    Broken("number-unbound", "cell 1", prose("$$ {constant:47%} $$"), "no formula"),
    Broken(
        "number-unbound",
        "cell 1",
        prose("Sales rose to 1950 from 1940, and by 2000 in all."),
        "no year",
    ),
    Broken("number-unbound", "cell 1", prose("In 1999 baskets it rose."), "counted"),
    Broken("number-unbound", "cell 1", prose("47. percent of them came."), "list"),
    Broken("number-unbound", "cell 1", prose("\u00bd of them came."), "fraction"),
    Broken("number-unbound", "cell 1", prose("\u2167 of them came."), "roman"),
    Broken("number-unbound", "cell 1", prose("\u0664\u0667 of them."), "arabic"),
    Broken(
        "number-unbound",
        "figure by_welcome",
        outputs(lambda v: v["by_welcome"].update(title="It rose by `12%`")),
        "no code in a title",
    ),
    Broken("number-unknown", "cell 1", prose("By {gpa.estimate:.1%}.")),
    Broken(
        "number-unknown",
        "title",
        lambda root, _: root.edit(
            f"research/{STUDY}.yaml", "Who comes back?", "Who came back of {gap.n}?"
        ),
        "title",
    ),
    Broken(
        "number-unknown",
        "takeaway 1, do not trade: claim",
        outputs(
            lambda v: v["takeaway"]["when"]["do not trade"].update(claim="By {gap.x}.")
        ),
        "other case",
    ),
    Broken("figure-missing", "figure by_welcome", captured_figure),
    Broken("figure-missing", "table welcomes", captured_table, "table"),
    Broken(
        "figure-without-text", "figure by_welcome", page('alt="Points', 'alt="" x="')
    ),
    Broken(
        "figure-without-table", "figure by_welcome", page("by_welcome-data", "other")
    ),
    Broken(
        "numbers-differ",
        "cell 1",
        typed_by_hand,
        "typed",
        ("number-unbound", "raw-markup"),
    ),
    Broken(
        "numbers-differ",
        "figure by_welcome",
        page(">41.8%</td>", ">14.8%</td>"),
        "page",
        (),
    ),
    Broken(
        "numbers-differ", "table welcomes", asset("welcomes.csv", "0.76", "0.96"), "csv"
    ),
    Broken(
        "numbers-differ", "figure by_welcome", page("Highest 76", "Highest 96"), "alt"
    ),
    Broken(
        "numbers-differ",
        "table welcomes",
        asset("result.json", '"Share who came back"', '"x"'),
        "result",
    ),
    Broken(
        "small-cell",
        "table welcomes, row 1",
        outputs(lambda v: v["welcomes"]["rows"][0].update(n=9, units=9)),
    ),
    Broken("raw-markup", "cell 1", prose("So it is <b>bold</b>.")),
    Broken("raw-markup", "cell 1", prose("[x](result.json){ .verdict }"), "attributes"),
    Broken(
        "raw-markup",
        "cell 1",
        prose('By <data value="gap.n">99</data>.'),
        "data",
        ("number-unbound",),
    ),
    Broken("raw-markup", "cell 1", prose("<!-- a note -->"), "comment"),
    Broken("raw-markup", "cell 1", prose(f"`a\nb` {BADGE} `c`"), "badge"),
    Broken("raw-markup", "cell 1", prose(f"`a\nb` {FORGED} `c`"), "data in split code"),
    Broken("raw-markup", "cell 1", prose("`a\nb` <span hidden>x</span> `c`"), "hidden"),
    Broken("raw-markup", "cell 1", prose(f"    ```\n{BLOCK}\n\n    ```"), "no fence"),
    Broken("raw-markup", "cell 1", prose("<div>\n\nand no end"), "open", ("*",)),
    Broken("raw-markup", "cell 1", prose("*so* </p></div></article>"), "end", ("*",)),
    Broken("raw-markup", "cell 1", prose("`a\n{gap.n} b`"), "bound in code"),
    Broken("raw-markup", "cell 1", prose("<pre><![^a]: so"), "section", ("*",)),
    Broken("raw-markup", "cell 1", prose("!!! verdict\n    So it is."), "admonition"),
    Broken(
        "raw-markup",
        "cell 1",
        prose("```{.python .verdict}\nx = y\n```"),
        "class of a fence",
    ),
    Broken(
        "raw-markup", "cell 1", prose("<pre><p>Up by 47%.</p></pre>"), "words as code"
    ),
    Broken("takeaway-imitated", "cell 1", prose("## Tradable takeaway\n\nTrade it.")),
    Broken("takeaway-imitated", "cell 1", prose("### *Do not* trade"), "verdict"),
    Broken("takeaway-imitated", "cell 1", prose("**Trade**"), "bold"),
    Broken("takeaway-imitated", "cell 1", prose("## So { #takeaway-2 }"), "name"),
    Broken(
        "takeaway-imitated", "cell 1", prose('!!! note "Tradable takeaway"'), "note"
    ),
    Broken("lead-gate", "cell 1", prose("Subscribe to read the rest.")),
    Broken(
        "lead-gate",
        "cell 1",
        prose("Leave your e-mail address and we send you the rest."),
        "address",
    ),
    Broken("lead-gate", "cell 1", prose("Please enter *your\nphone number*."), "phone"),
    Broken("lead-gate", "cell 1", prose("Join our newsletter for more."), "newsletter"),
    Broken("lead-gate", "post", prose("<form>x</form>"), "form", ("raw-markup",)),
    Broken(
        "lead-gate",
        "post",
        prose("`a\nb` <form>x</form> `c`"),
        "form in split code",
        ("raw-markup",),
    ),
    Broken(
        "lead-gate",
        "post",
        prose("It was so.[^newsletter]\n\n[^newsletter]: A source."),
        "marked as a gate",
    ),
    Broken("active-markup", "post", prose("[x](javascript:alert)")),
    Broken(
        "active-markup", "post", prose("<script>x</script>"), "script", ("raw-markup",)
    ),
    Broken(
        "active-markup",
        "post",
        prose("a ~~~ <script>x</script> ~~~"),
        "no fence",
        ("raw-markup",),
    ),
    Broken(
        "active-markup", "post", prose("[x][y]\n\n[y]: javascript:alert"), "by label"
    ),
    Broken("active-markup", "post", prose("[x](java&#x09;script:alert)"), "tab"),
    Broken(
        "active-markup",
        "post",
        prose("`a\nb` <b onclick=x>x</b> `c`"),
        "onclick",
        ("raw-markup",),
    ),
    Broken(
        "active-markup",
        "post",
        prose("`a\nb` [x](javascript:alert) `c`"),
        "in split code",
    ),
    Broken("tracker", "cell 1", prose("It reads document.cookie at noon.")),
    Broken("outside-resource", "post", prose("![x](https://example.org/x.svg)")),
    Broken(
        "outside-resource",
        "post",
        prose("![x][p]\n\n[p]: https://example.org/p.gif"),
        "by label",
    ),
    Broken(
        "outside-resource",
        "post",
        prose("![a [b] c](https://example.org/p.gif)"),
        "brackets",
    ),
    Broken("link-broken", "post", prose("[x](../nowhere/index.md)")),
    Broken("link-broken", "post", prose("[x](../../method/)"), "folder"),
    Broken("link-broken", "post", prose("[x](#nowhere)"), "anchor"),
    Broken("link-broken", "post", prose("[x](../../method.md#nowhere)"), "page anchor"),
    Broken(
        "link-broken", "post", prose("![x](data:image/png;base64,aGVsbG8=)"), "data"
    ),
)


def test_every_code_has_a_post_that_fails_by_it() -> None:
    elsewhere = {rule.code for rule in OF_EVIDENCE}  # a file of its own
    assert {each.code for each in BROKEN} | elsewhere == {rule.code for rule in RULES}


def test_the_post_that_nothing_broke_passes_every_rule(root: Root) -> None:
    code, said = root("check")
    found = {(f["finding"]["study"], f["finding"]["code"]) for f in said["findings"]}
    # a new study has a margin of the template's, which is far from these data
    assert (code, found, said["reasons"]) == (0, {(OTHER, "free-win")}, [])


@pytest.mark.parametrize(
    "broken", BROKEN, ids=lambda each: f"{each.code}-{each.name}".rstrip("-")
)
def test_a_broken_post_is_refused_by_its_code_and_the_old_site_serves_on(
    broken: Broken, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = root.serving
    broken.change(root, monkeypatch)

    code, said = root("check", STUDY)
    found = [each["finding"] for each in said["findings"]]
    codes = {each["code"] for each in found}
    assert broken.code in codes
    assert "*" in broken.also or codes == {broken.code, *broken.also}
    assert broken.place in {each["place"] for each in found}
    assert all(each["message"] and each["remedy"] for each in found)

    stops = severity(broken.code) is Severity.ERROR
    assert code == (77 if stops else 0)
    published, _ = root("publish", STUDY)
    assert published == (77 if stops else 0)
    assert root.serving == before


def severity(code: str) -> Severity:
    return next(rule.severity for rule in RULES if rule.code == code)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_every_code_is_explained_by_the_command(
    rule: Rule, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = Root(tmp_path, capsys)("check", "--explain", rule.code)
    assert code == 0
    assert said["rule"] == {"code": rule.code, "why": rule.why, "remedy": rule.remedy}


def test_a_misspelt_code_is_answered_with_the_one_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, said = Root(tmp_path, capsys)("check", "--explain", "number-unbond")
    assert code == 2
    assert "Did you mean number-unbound?" in said["reasons"][0]["message"]


@pytest.mark.parametrize(
    "text",
    [
        "In `document.cookie` and\n\n```html\n<form>12</form>\n```\n\nnothing is kept.",
        LINKS,
        "Register for the loyalty card: not one of them did.",
        "Those who left their e-mail address, or signed up, came to read the rest.",
        "`a\nb` is code over two lines, and so is `c`: (1997) in 2005, or 1998-07-01.",
        CITED,
        SHAPES,
        "Trade it or do not trade it: the tradable takeaway says which.",
        "As Fader, Hardie and Lee (2005) did on 1 April 1997, {constant:3} times.",
        "Of {gap[greeted].n} greeted, {gap[greeted].estimate:.0%}; as of {as_of}.",
    ],
)
def test_an_honest_sentence_passes(
    text: str, root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    prose(text)(root, monkeypatch)
    code, said = root("check", STUDY)
    assert (code, said["findings"]) == (0, [])


def test_the_anchors_of_a_page_are_its_headings_and_its_ids() -> None:
    text = '# A *day*, `b`!\n\n## Ünder { #own }\n\n<p id="x">y</p>\n\n```\n# no\n```\n'
    site = converter_of(ROOT / "mkdocs.yml")
    assert anchors(text, site) == {"a-day-b", "own", "x"}


def test_the_takeaways_output_is_known_by_our_type_alone(root: Root) -> None:
    executed = json.loads((root.run() / "executed.ipynb").read_text())
    shown = executed["cells"][-1]["outputs"][0]["data"][OURS]
    assert shown == {"kind": "takeaway", "name": "1"}
