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


def test_a_missing_notebook_is_told_with_all_else_that_is_wrong(shop) -> None:
    layout = shop.app.layout
    terms = layout.registration("loyal")
    text = terms.read_text().replace("loyal.ipynb", "loyl.ipynb")
    terms.write_text(text)
    line = 1 + text.splitlines().index("notebook: notebooks/loyl.ipynb")
    for wrong in ([], ["registration"]):
        _, reasons = App(layout.root).catalogue.studies([])
        assert [reason.code for reason in reasons] == [*wrong, "notebook-unreadable"]
        missing = reasons[-1]
        assert missing.subject == "research/loyal.yaml"
        assert missing.place == f"line {line}"
        assert "no notebook 'notebooks/loyl.ipynb'" in missing.message
        assert "Did you mean 'notebooks/loyal.ipynb'?" in missing.message
        terms.write_text(text.replace("purpose: research", "purpose: fun"))


def test_a_notebook_that_cannot_be_read_is_told_with_all_else_too(shop) -> None:
    layout = shop.app.layout
    terms = layout.registration("loyal")
    terms.write_text(terms.read_text().replace("purpose: research", "purpose: fun"))
    (layout.root / "notebooks" / "loyal.ipynb").write_text("{}")
    _, reasons = App(layout.root).catalogue.studies([])
    assert [reason.code for reason in reasons] == [
        "registration",
        "notebook-unreadable",
    ]
    assert "'notebooks/loyal.ipynb'" in reasons[1].message
    terms.write_text(": :")
    _, (reason,) = App(layout.root).catalogue.studies([])
    assert reason.code == "registration"


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
