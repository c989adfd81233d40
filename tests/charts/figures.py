"""Figures and tables for the tests of charts and rendering: a few by hand, then all."""

import math

from hypothesis import strategies as st

from workbench.core.canonical import rounded
from workbench.core.exhibits import Column, Figure, Point, Row, Series, Table


def a_point(x: str | float, y: float | None, half: float | None = None, n: int = 120):
    low = None if half is None or y is None else rounded(y - half)
    high = None if half is None or y is None else rounded(y + half)
    return Point(x=x, y=y, low=low, high=high, n=n, units=n - 20)


def curve(**changes: object) -> Figure:
    """Two arms over three months, points with whiskers."""
    fields: dict[str, object] = {
        "name": "repeat_curve",
        "kind": "interval",
        "title": "Customers who came back early buy again more often",
        "x_label": "months since the first purchase",
        "y_label": "share who bought again",
        "x_kind": "number",
        "y_format": ".1%",
        "statistic": "share",
        "level": 0.95,
        "unit": "customer",
        "measure": "share",
        "series": (
            Series(
                label="came back",
                points=(
                    a_point(1.0, 0.4123, 0.02),
                    a_point(2.0, 0.35, 0.02),
                    a_point(3.0, 0.2817, 0.021),
                ),
            ),
            Series(
                label="did not",
                points=(
                    a_point(1.0, 0.2, 0.01),
                    a_point(2.0, 0.151, 0.011),
                    a_point(3.0, 0.1, 0.01),
                ),
            ),
        ),
        "finding": "The gap stays: {gap.estimate:+.1%} after {early_days} days.",
    }
    return Figure(**{**fields, **changes})  # type: ignore[arg-type]


def bars(**changes: object) -> Figure:
    """Four categories whose labels do not fit side by side on a telephone."""
    labels = ("one disc", "two discs", "three or four discs", "five discs or more")
    points = tuple(a_point(x, 0.1 + 0.05 * i) for i, x in enumerate(labels))
    fields: dict[str, object] = {
        "name": "basket_bars",
        "kind": "bars",
        "x_kind": "category",
        "x_label": "size of the first order",
        "title": "Larger first orders, more repeat buyers",
        "level": None,
        "series": (Series(label="", points=points),),
        "finding": "",
    }
    return curve(**{**fields, **changes})


def a_table(**changes: object) -> Table:
    fields: dict[str, object] = {
        "name": "by_cohort",
        "title": "Repeat buyers by month of the first purchase",
        "row_label": "first purchase",
        "columns": (
            Column(label="share who bought again", format=".1%"),
            Column(label="mean order, USD", format=",.2f"),
        ),
        "rows": (
            Row(label="January", cells=(0.3512, 35.5), n=7846, units=7846),
            Row(label="February", cells=(0.31, None), n=8476, units=8476),
        ),
        "unit": "customer",
    }
    return Table(**{**fields, **changes})  # type: ignore[arg-type]


LABELS = st.text(
    st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60
)
NUMBERS = st.floats(-1e6, 1e6).map(lambda x: round(x, 9))
FORMATS = st.sampled_from([".1%", "+.2%", ",.0f", ".3f", "+,.2f", ".3g"])


@st.composite
def figures(draw: st.DrawFn) -> Figure:
    """Any figure that `wb.figure` may make."""
    kind = draw(st.sampled_from(["line", "interval", "bars"]))
    x_kind = draw(st.sampled_from(["category", "number", "date"]))
    xs = draw(st.lists(_places(x_kind), min_size=1, max_size=8, unique=True))
    several = draw(st.booleans())
    labels = draw(
        st.lists(LABELS, min_size=2, max_size=4, unique=True)
        if several
        else st.just([""])
    )
    bounded = kind != "bars" and draw(st.booleans())
    return curve(
        kind=kind,
        x_kind=x_kind,
        title=draw(LABELS),
        x_label=draw(LABELS),
        y_label=draw(LABELS),
        y_format=draw(FORMATS),
        level=0.95 if bounded else None,
        finding="",
        series=tuple(
            Series(label=label, points=tuple(draw(_point(x, bounded)) for x in xs))
            for label in labels
        ),
    )


def _places(x_kind: str) -> st.SearchStrategy[str | float]:
    if x_kind == "category":
        return LABELS
    if x_kind == "date":
        return st.dates().map(lambda day: day.isoformat())
    return NUMBERS.map(lambda x: rounded(x) or 0.0)


@st.composite
def _point(draw: st.DrawFn, x: str | float, bounded: bool) -> Point:
    n = draw(st.integers(0, 10**6))
    y = draw(st.one_of(st.none(), NUMBERS.map(rounded)))
    half = abs(draw(NUMBERS)) if bounded else None
    point = a_point(x, y, half, n)
    assert y is None or math.isfinite(y)
    units = draw(st.integers(0, n))
    return Point(x=x, y=y, low=point.low, high=point.high, n=n, units=units)
