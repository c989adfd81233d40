"""How results look in Jupyter."""

import pytest

from workbench import notebook as wb
from workbench.charts.numbers import NOTHING
from workbench.notebook.showing import MIME, ShownEvidence

pytestmark = pytest.mark.usefixtures("run")


def bundle(shown: ShownEvidence) -> dict[str, object]:
    return shown._repr_mimebundle_(include=None, exclude=None)


def test_an_estimate_says_what_it_rests_on(months) -> None:
    bought = months["bought"] | (months["spent"] < 15)  # 10 customers always buy
    months = months.assign(bought=bought)
    share = wb.evidence("share").proportion(months, "bought", occurrence="month")
    shown = bundle(share)
    assert shown[MIME] == {"kind": "evidence", "name": "share"}
    assert shown["text/plain"] == (
        "share: 44% [34%, 55%]; n = 180 customer-months of 60 customers; "
        "95% confidence sequence; share, clustered by unit, Student mixture"
    )


def test_a_count_has_no_interval(customers) -> None:
    shown = bundle(wb.count("everyone", customers))
    assert shown["text/plain"] == "everyone: 60 customers; counted"


def test_nothing_is_a_dash(customers) -> None:
    shown = bundle(wb.evidence("spent").mean(customers[:0], "spent", measure="<USD>"))
    assert f"{NOTHING} <USD>" in str(shown["text/plain"])
    assert f"{NOTHING} &lt;USD&gt;" in str(shown["text/html"])
