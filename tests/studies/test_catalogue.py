"""What is wrong with one study or contract stops no other."""

import json

import pytest

from tests.end_to_end.shop import write_study
from workbench.app import App
from workbench.core.errors import UsageError
from workbench.studies.source import read_notebook


def test_a_broken_contract_stops_only_the_studies_that_use_it(shop) -> None:
    layout = shop.app.layout
    (layout.contracts / "visits.yaml").write_text("")
    write_study(layout.root, "visitors")
    terms = layout.registration("visitors")
    terms.write_text(terms.read_text().replace("  orders:", "  visits:"))
    app = App(layout.root)
    assert list(app.contracts) == ["orders"]
    studies, wrong = app.catalogue.studies([])
    assert [study.name for study in studies] == ["loyal"]
    assert [reason.subject for reason in wrong] == ["research/contracts/visits.yaml"]
    assert wrong == app.all_contracts.reasons


@pytest.mark.parametrize(
    "cells",
    [
        3,
        None,
        {},
        [3],
        [{}],
        [{"cell_type": 3, "source": ""}],
        [{"cell_type": "code", "source": [3]}],
        [{"cell_type": "code", "source": 3}],
        [{"cell_type": "code", "source": "", "metadata": 3}],
        [{"cell_type": "code", "source": "", "metadata": {"tags": 3}}],
    ],
)
def test_what_is_no_notebook_is_told(cells: object, tmp_path) -> None:
    file = tmp_path / "study.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "cells": cells}))
    with pytest.raises(UsageError, match="notebook-unreadable"):
        read_notebook(file)
