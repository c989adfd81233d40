"""What settles a claim is the code that was sealed, or nothing."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.places import ROOT
from workbench.archive.ledgers import read_lines
from workbench.archive.sealed import SealedArchive
from workbench.core.errors import UsageError
from workbench.studies.sealed import forgotten_study, sealed_study

SHIPPED = SealedArchive(ROOT / "takeaways" / "sealed")


@pytest.mark.parametrize("file", sorted((ROOT / "takeaways").glob("*.jsonl")))
def test_what_is_shipped_can_be_settled_without_its_study(file: Path) -> None:
    lines = read_lines(file)
    study = forgotten_study(file.stem, lines, SHIPPED)
    assert study.notebook.code_id == study.registration.code


def lenient(plain: dict[str, Any]) -> None:
    """Everybody came back."""
    analysis = plain["cells"][2]
    analysis["source"] = analysis["source"].replace(">= days_seen", ">= 0")


HARMS: dict[str, Callable[[dict[str, Any]], object]] = {
    "other code": lenient,
    "no cells": lambda plain: plain.update(cells=[]),
    "cells that are none": lambda plain: plain.update(cells=["x = 1"]),
    "another format": lambda plain: plain.update(nbformat=3),
}


@pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS.keys())
def test_code_that_is_not_what_was_sealed_settles_nothing(
    shop, harm: Callable[[dict[str, Any]], object]
) -> None:
    """Whether its study was given other terms since, or is no more."""
    then, app = shop.study, shop.app
    app.registering.register(then)
    lines, seal = app.ledgers.read("loyal"), then.registration.seal
    terms = app.layout.registration("loyal")
    terms.write_text(terms.read_text().replace("margin: 0.20", "margin: 0.21"))
    now = shop.study
    assert sealed_study(now, seal, lines, app.sealed).registration.seal == seal
    assert forgotten_study("loyal", lines, app.sealed).registration.seal == seal

    kept = app.layout.sealed / f"{seal}.ipynb"
    plain = json.loads(kept.read_text())
    harm(plain)
    kept.write_text(json.dumps(plain))
    for find in (
        lambda: sealed_study(now, seal, lines, app.sealed),
        lambda: forgotten_study("loyal", lines, app.sealed),
    ):
        with pytest.raises(UsageError, match="not the code that was sealed") as told:
            find()
        assert [reason.code for reason in told.value.reasons] == ["sealed-missing"]
