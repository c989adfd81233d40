"""What Markdown can make of an author's words; anything else was put in as HTML."""

import re
from collections.abc import Iterator, Mapping

from workbench.publishing.gate.authored import Marks, Region
from workbench.publishing.gate.reading import Element

_PLAIN = (
    "p em strong code pre ul li blockquote hr br table thead tbody tr dl dt dd summary"
)
_KINDS = (
    "note|abstract|info|tip|success|question|warning|failure|danger|bug|example|quote"
)
_ANY = re.compile(r".*", re.DOTALL)
_ALIGN = re.compile(r"text-align: (?:left|right|center);")
_ALLOWED: Mapping[str, Mapping[str, re.Pattern[str]]] = {
    **{tag: {} for tag in _PLAIN.split()},
    **{f"h{level}": {"id": _ANY} for level in range(2, 7)},
    "a": {
        "href": _ANY,
        "title": _ANY,
        "class": re.compile("footnote-(?:ref|backref)|headerlink"),
    },
    "img": {"src": _ANY, "alt": _ANY, "title": _ANY},
    "ol": {"start": _ANY},  # judged as a number
    "li": {"id": re.compile("fn:.+")},
    "sup": {"id": re.compile(r"fnref\d*:.+")},
    "th": {"style": _ALIGN},
    "td": {"style": _ALIGN},
    "div": {
        "class": re.compile(
            rf"(?:language-[\w+#.-]+ )?highlight|admonition (?:{_KINDS})|footnote"
        )
    },
    "span": {"class": re.compile("filename")},  # the title of a block of code
    "p": {"class": re.compile("admonition-title")},
    "details": {"class": re.compile(_KINDS), "open": re.compile("(?:open)?")},
}
_COLOURS = re.compile(r"[a-z]{1,2}\d?|cpf|err|esc|ges|hll|")  # as Pygments names them
_WITH_CLASS = ("div", "details", "span")  # as Markdown makes them
_NOT_TAGS = {"!--": "an HTML comment", "!": "a declaration", "?": "an instruction"}


def foreign(region: Region, marks: Marks) -> Iterator[str]:
    """What stands in an author's part of the page that Markdown did not make."""
    for node in region.nodes:
        if isinstance(node, Element):
            yield from _foreign(node, marks, in_code=False)


def _foreign(element: Element, marks: Marks, *, in_code: bool) -> Iterator[str]:
    if element.tag == "data":
        if not marks.is_bound(element):
            yield "it holds a <data> element that binding did not make."
        return
    if in_code:
        yield from _of_code(element)
    else:
        yield from _of_element(element)
    for child in element.children:
        if isinstance(child, Element):
            code = in_code or element.tag in ("pre", "code")
            yield from _foreign(child, marks, in_code=code)
        elif marks.word in child:
            yield "a bound number stands where Markdown reads code or a tag."


def _of_element(element: Element) -> Iterator[str]:
    tag, given = element.tag, element.attributes
    if tag in _NOT_TAGS:
        yield f"it holds {_NOT_TAGS[tag]}."
    elif tag not in _ALLOWED or (tag in _WITH_CLASS and "class" not in given):
        yield f"it holds <{tag}>, which Markdown does not make."
    elif given.get("class") == "headerlink" and element.text != "#":
        yield "it holds a link that is hidden like a heading's own."
    else:
        allowed = _ALLOWED[tag]
        for name, value in given.items():
            if name not in allowed or not allowed[name].fullmatch(value):
                yield f"a <{tag}> in it carries {name}={value!r}."
            elif _has_number(value):
                yield f"a bound number stands in the {name} of a <{tag}>."


def _has_number(value: str) -> bool:
    """Whether the text of an attribute holds an element, as in a link's title."""
    return "<data " in value or "</data>" in value


def _of_code(element: Element) -> Iterator[str]:
    """Code is not read as prose, so nothing but coloured code may stand in it."""
    if element.tag not in ("span", "code"):
        yield f"its code holds <{element.tag}>."
    for name, value in element.attributes.items():
        if name != "class" or not _COLOURS.fullmatch(value):
            yield f"a <{element.tag}> of its code carries {name}={value!r}."
