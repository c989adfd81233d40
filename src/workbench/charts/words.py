"""A figure in words, for those who cannot see it."""

from collections.abc import Iterator, Sequence

from workbench.charts.numbers import show_level, show_number, show_position
from workbench.core.exhibits import Figure, Point, Series

MOST_CHARACTERS = 250
_CHART = {"line": "Line chart", "interval": "Points", "bars": "Bar chart"}


def alternative_text(figure: Figure) -> str:
    """Chart type, what it shows and its extremes; at most 250 characters.

    Every number is one of the figure's, at its format: the highest and the lowest of
    each series with their intervals, or as much of that as there is room for.
    """
    texts = _from_rich_to_poor(figure)
    return next(text for text in texts if len(text) <= MOST_CHARACTERS)


def _from_rich_to_poor(figure: Figure) -> Iterator[str]:
    title = figure.title.rstrip(". ")
    head = f"{_kind(figure)}: {title}."
    shown = [series for series in figure.series if _known(series.points)]
    if not shown:
        yield f"{head} There are no values to show."
    along = f"{_kind(figure)}: {title}, by {_within(figure.x_label)}."
    yield f"{along} {_sentences(figure, shown, bounded=True)}"
    for bounded in (True, False):
        yield f"{head} {_sentences(figure, shown, bounded=bounded)}"
    for most in range(len(shown) - 1, 0, -1):
        some = _sentences(figure, shown[:most], bounded=False)
        yield f"{head} {some} More series are in the table."
    yield head
    words = head[: MOST_CHARACTERS - 1].rpartition(" ")[0]
    yield f"{words}…"


def _within(label: str) -> str:
    """A label inside a sentence: without its capital, unless it is an abbreviation."""
    return label[:1].lower() + label[1:] if label[1:2].islower() else label


def _kind(figure: Figure) -> str:
    name = _CHART[figure.kind]
    if figure.level is None:
        return name
    return f"{name} with {show_level(figure.level)} intervals"


def _sentences(figure: Figure, some: Sequence[Series], *, bounded: bool) -> str:
    return " ".join(_sentence(figure, series, bounded=bounded) for series in some)


def _sentence(figure: Figure, series: Series, *, bounded: bool) -> str:
    """One series: its highest and its lowest value, and where they are."""
    points = _known(series.points)
    top = max(points, key=_height)
    bottom = min(points, key=_height)
    of, highest = (f"{series.label}: ", "highest") if series.label else ("", "Highest")
    high = _value(figure, top, bounded=bounded)
    if len(points) == 1:
        return f"{of}{high} at {show_position(top.x)}."
    if top.y == bottom.y:
        return f"{of}{high} throughout."
    low = _value(figure, bottom, bounded=bounded)
    return (
        f"{of}{highest} {high} at {show_position(top.x)}, "
        f"lowest {low} at {show_position(bottom.x)}."
    )


def _value(figure: Figure, point: Point, *, bounded: bool) -> str:
    text = show_number(point.y, figure.y_format)
    if not bounded or point.low is None or point.high is None:
        return text
    low = show_number(point.low, figure.y_format)
    high = show_number(point.high, figure.y_format)
    return f"{text} [{low}, {high}]"


def _known(points: Sequence[Point]) -> list[Point]:
    return [point for point in points if point.y is not None]


def _height(point: Point) -> float:
    return 0.0 if point.y is None else point.y
