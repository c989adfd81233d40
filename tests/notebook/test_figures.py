"""Figures: aggregated and counted by the engine."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from tests.notebook.conftest import outputs
from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.core.exhibits import Figure, Point
from workbench.notebook.session import current_session
from workbench.stats import intervals
from workbench.stats.looks import Sequence
from workbench.stats.sums import Sample

EVERY_LOOK = Sequence(alpha=0.05, planned=300)  # as evidence without a claim


def drawn(folder) -> Figure:
    found = outputs(folder)[-1].figure
    assert found is not None
    return found


def test_shares_with_whiskers_by_month_are_evidences_own(run, months) -> None:
    wb.figure(
        "curve", months, kind="interval", by="month", value="bought", split="was_early"
    )
    figure = drawn(run)
    assert (figure.statistic, figure.level, figure.x_kind) == ("share", 0.95, "date")
    assert [series.label for series in figure.series] == ["not was early", "was early"]
    first = figure.series[1].points[0]
    january = months[(months["month"] == "1997-01-01") & months["was_early"]]
    outcome = january["bought"].to_numpy(float)
    whiskers = intervals.proportion(Sample.of(np.arange(40), outcome), EVERY_LOOK)
    assert first == Point(
        x="1997-01-01",
        y=round(outcome.mean(), 10),
        low=whiskers.low,
        high=whiskers.high,
        n=40,
        units=40,
    )


def test_defaults_read_as_words(run, customers) -> None:
    wb.figure("by_size", customers, kind="bars", by="size", value="bought")
    figure = drawn(run)
    assert figure.title == "Share bought by size"
    assert (figure.x_label, figure.y_label, figure.y_format) == (
        "size",
        "share bought",
        ".1%",
    )
    assert (figure.level, figure.unit, figure.measure) == (None, "customer", "share")


@pytest.mark.parametrize(
    ("statistic", "y"), [("mean", 43.5), ("sum", 1305.0), ("units", 30.0)]
)
def test_each_statistic_is_worked_out_by_hand(run, customers, statistic, y) -> None:
    # small are 0, 2, ... 58: their sum is 870, times 1.5 is 1305, over 30 is 43.5
    wb.figure(
        "f", customers, kind="bars", by="size", value="spent", statistic=statistic
    )
    assert [p.x for p in drawn(run).series[0].points] == ["large", "small"]
    assert drawn(run).series[0].points[1].y == y


COLUMNS = {
    "numbers ascend": ([10, 9] * 30, "number", [9.0, 10.0]),
    "text goes by the alphabet": (["b", "a"] * 30, "category", ["a", "b"]),
    "ordered categories keep their order": (
        pd.Categorical(["new", "big"] * 30, ["new", "never", "big"], ordered=True),
        "category",
        ["new", "big"],
    ),
    "unordered categories do not": (
        pd.Categorical(["new", "big"] * 30, ["new", "big"]),
        "category",
        ["big", "new"],
    ),
    "periods are dates": (
        pd.PeriodIndex(["1997-02", "1997-01"] * 30, freq="M"),
        "date",
        ["1997-01-01", "1997-02-01"],
    ),
    "days are dates": (
        [dt.date(1997, 2, 1), dt.date(1997, 1, 1)] * 30,
        "date",
        ["1997-01-01", "1997-02-01"],
    ),
    "instants keep their time": (
        pd.to_datetime(["1997-02-01 12:00", "1997-01-01 00:00"] * 30),
        "date",
        ["1997-01-01", "1997-02-01T12:00:00"],
    ),
    "truth is said in words": ([True, False] * 30, "category", ["not x", "x"]),
}


@pytest.mark.parametrize("case", COLUMNS)
def test_the_axis_has_its_order_from_the_values(run, customers, case) -> None:
    values, kind, places = COLUMNS[case]
    frame = customers.assign(x=values)
    for name, rows in (("f", frame), ("g", frame[::-1])):
        wb.figure(name, rows, kind="line", by="x", value="spent")
    one, other = (output.figure for output in outputs(run))
    assert one is not None
    assert other is not None
    assert (one.x_kind, [p.x for p in one.series[0].points]) == (kind, places)
    assert one.series == other.series


def test_a_unit_counts_once_in_a_cell_unless_occurrences_are_named(run, months) -> None:
    with pytest.raises(UsageError, match="repeat a customer"):
        wb.figure("f", months, kind="interval", by="size", value="bought")
    months = months.assign(bought=months["bought"] | (months["spent"] < 15))
    wb.figure(
        "g", months, kind="interval", by="size", value="bought", occurrence="month"
    )
    point = drawn(run).series[0].points[0]
    assert (point.n, point.units) == (90, 30)
    assert point.low is not None
    wb.figure(
        "h", months, kind="bars", by="size", statistic="units", occurrence="month"
    )
    assert drawn(run).series[0].points[0].y == 30


def test_the_axis_may_be_the_occurrence(run, months) -> None:
    wb.figure("f", months, kind="line", by="month", value="bought", occurrence="month")
    assert [point.units for point in drawn(run).series[0].points] == [60, 60, 60]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"kind": "pie"}, "is no kind; there are line, interval, bars"),
        ({"statistic": "median"}, "is no statistic; there are share, mean, sum, units"),
        ({"kind": "interval", "statistic": "sum"}, "a sum has no interval"),
        ({"value": None}, "name the column in `value`"),
        ({"by": "sise"}, "Did you mean 'size'"),
        ({"split": "gone"}, "no column 'gone'"),
        ({"y_format": "$.2f"}, "is no format of a number"),
    ],
)
def test_what_cannot_be_drawn_is_refused(run, customers, given, words) -> None:
    call = {"kind": "bars", "by": "size", "value": "spent"} | given
    with pytest.raises(UsageError, match=words):
        wb.figure("f", customers, **call)
    assert outputs(run) == []


def test_an_empty_frame_is_an_empty_figure(run, customers) -> None:
    wb.figure("f", customers[:0], kind="line", by="size", value="spent")
    assert drawn(run).series[0].points == ()


def test_a_finding_keeps_its_places_for_the_renderer(run, customers) -> None:
    words = "Early customers buy {gap.estimate:+.1%} more."
    wb.figure("f", customers, kind="bars", by="size", value="spent", finding=words)
    assert drawn(run).finding == words


def test_only_a_person_is_shown_plotly(run, customers) -> None:
    from workbench.notebook.figures import shown

    wb.figure("f", customers, kind="bars", by="size", value="spent")
    session = current_session()
    batch = shown(session, drawn(run))
    session.batch = False
    person = shown(session, drawn(run))
    assert set(batch) == {
        "application/vnd.workbench+json",
        "text/plain",
        "text/html",
    }
    assert set(person) - set(batch) == {"application/vnd.plotly.v1+json"}


@pytest.mark.parametrize("kind", ["line", "interval", "bars"])
def test_a_frame_without_rows_is_a_figure_without_marks(run, months, kind) -> None:
    nobody = months[:0]
    wb.figure(f"all_{kind}", nobody, kind=kind, by="month", value="bought")
    assert [series.points for series in drawn(run).series] == [()]
    wb.figure(
        f"split_{kind}", nobody, kind=kind, by="size", value="spent", split="was_early"
    )
    assert drawn(run).series == ()
