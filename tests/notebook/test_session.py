"""The run a notebook belongs to, and the names in it."""

import json
import sys
from pathlib import Path

import pytest

import workbench
from tests.notebook.conftest import SPEC, make_run
from workbench import notebook as wb
from workbench.core.errors import UsageError
from workbench.notebook import surroundings
from workbench.notebook.session import current_session

pytestmark = pytest.mark.usefixtures("run")


def test_the_public_names_are_the_same_in_all_three_places() -> None:
    assert sorted(wb.__all__) == sorted(workbench.__all__)
    assert all(getattr(workbench, n) is getattr(wb, n) for n in wb.__all__)
    shown = {
        name
        for name, value in vars(wb).items()
        if not name.startswith("_") and type(value) is not type(sys)
    }
    assert shown == set(wb.__all__)


def test_a_kernel_without_a_run_or_a_notebook_is_told_how_to_get_one(
    monkeypatch,
) -> None:
    monkeypatch.delenv("WB_RUN", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)
    with pytest.raises(UsageError, match="workbench lab"):
        current_session()


def test_a_run_folder_without_its_terms_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("WB_RUN", str(tmp_path))
    with pytest.raises(UsageError, match=r"in/run\.json"):
        current_session()


def test_a_batch_run_is_the_folder_the_runner_named(run) -> None:
    session = current_session()
    assert (session.folder, session.spec, session.batch) == (run, SPEC, True)
    assert current_session() is session


def test_a_reopened_run_is_a_copy_in_which_a_person_works(run, monkeypatch) -> None:
    monkeypatch.delenv("WB_RUN")
    monkeypatch.setenv("WB_REOPENED", str(run))
    session = current_session()
    assert (session.folder, session.batch) == (run, False)


@pytest.fixture
def child(tmp_path, monkeypatch):
    """Stands in for the command line: a child that prints what it is given."""

    def answer(envelope: object, exit_code: int) -> None:
        said = tmp_path / "said.json"
        said.write_text(json.dumps(envelope))
        program = f"print(open({str(said)!r}).read()); raise SystemExit({exit_code})"
        monkeypatch.setattr(surroundings, "PREPARE", program)

    monkeypatch.delenv("WB_RUN", raising=False)
    surroundings.prepared_folder.cache_clear()
    yield answer
    surroundings.prepared_folder.cache_clear()


def test_in_jupyter_the_folder_is_made_once_by_a_child(
    child, tmp_path, monkeypatch, customers
) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/back-again.ipynb")
    folder = make_run(tmp_path / "lab")
    child({"outcome": "done", "folder": str(folder)}, 0)
    assert current_session().folder == folder
    child({}, 1)  # not asked again
    assert not current_session().batch
    assert wb.count("all", customers).n == 60


def test_the_childs_reasons_reach_the_author(child, monkeypatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", str(Path("notebooks", "bakc-again.ipynb")))
    reason = {
        "code": "study-unknown",
        "message": "there is no study 'bakc-again'.",
        "subject": "",
        "place": "",
        "exit_code": 2,
    }
    child({"outcome": "wrong", "reasons": [reason]}, 2)
    with pytest.raises(UsageError, match="there is no study") as caught:
        current_session()
    assert caught.value.reasons[0].code == "study-unknown"


def test_a_child_that_dies_is_an_error_too(child, monkeypatch) -> None:
    monkeypatch.setenv("JPY_SESSION_NAME", "gone.ipynb")
    child("not an envelope", 70)
    with pytest.raises(UsageError, match="exit code 70"):
        current_session()


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("Gap", "is no name"),
        ("repeat-gap", "is no name"),
        ("as_of", "taken by a parameter or by the engine"),
        ("days", "taken by a parameter or by the engine"),
    ],
)
def test_a_name_that_texts_could_not_bind_is_refused(name, problem) -> None:
    with pytest.raises(UsageError, match=problem):
        wb.evidence(name)


def test_a_name_used_twice_is_an_error_whatever_it_names(customers) -> None:
    wb.count("everyone", customers)
    with pytest.raises(UsageError, match="used already"):
        wb.figure("everyone", customers, kind="bars", by="size", statistic="units")


def test_a_person_may_run_a_cell_again_but_not_name_two_things_alike(
    run, customers
) -> None:
    session = current_session()
    session.batch = False
    wb.count("everyone", customers)
    with pytest.raises(UsageError, match="used already"):
        wb.count("everyone", customers)
    session.cells["everyone"] = -1  # said in an earlier cell
    assert wb.count("everyone", customers[:9]).n == 9
    assert session.evidence["everyone"].n == 9
    assert run == session.folder
