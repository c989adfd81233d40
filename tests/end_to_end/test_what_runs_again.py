"""Promise 4: content is identity; what did not change is looked up."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import workbench
from tests.end_to_end.house import House
from workbench.studies.identity import engine_files

pytestmark = [pytest.mark.kernel, pytest.mark.slow]


def _change_one(house: House, column: str) -> None:
    """Change one value of the first row, which every as-of knows."""
    file = house.root / "research" / "data" / "cdnow_master.parquet"
    table = pq.read_table(file)
    values = table[column].combine_chunks()
    first = pa.array([values[0].as_py() + 1], values.type)
    changed = pa.concat_arrays([first, values[1:]])
    place = table.column_names.index(column)
    pq.write_table(table.set_column(place, column, changed), file)
    assert pc.sum(pc.not_equal(changed, values)).as_py() == 1
    assert house.json("data", "add")["outcome"] == "done"


def _executed(house: House) -> list[str]:
    runs = house.json("run", "--all")["runs"]
    assert {run["study"] for run in runs} >= {"first-basket", "lifetime-value"}
    return [run["study"] for run in runs if run["executed"]]


def test_one_changed_value_runs_exactly_the_studies_that_declare_its_column(
    own_shipped: House,
):
    _change_one(own_shipped, "dollars")  # in every study's dataset, declared by one
    assert set(_executed(own_shipped)) == {"recency-or-spend"}
    _change_one(own_shipped, "discs")
    assert set(_executed(own_shipped)) == {"first-basket"}
    assert _executed(own_shipped) == []


def test_other_values_are_another_run(own_shop: House):
    (base,) = own_shop.json("run", "--dry-run")["plan"]
    words = ("run", "loyal", "--dry-run", "-p", "days_seen=3")
    (other,) = own_shop.json(*words)["plan"]
    assert (base["state"], other["state"]) == ("fresh", "missing")
    assert other["run"] != base["run"]


def test_prose_of_the_registration_runs_nothing_and_the_notebook_does(own_shop: House):
    own_shop.edit(
        "research/loyal.yaml",
        ("How many customers come back?", "Who comes back?"),
        ("tags: [retention]", "tags: [retention, loyalty]"),
    )
    (run,) = own_shop.json("run", "--dry-run")["plan"]
    assert run["state"] == "fresh"
    own_shop.edit_cells("loyal", lambda cells: cells[0].update(source="Another word."))
    (run,) = own_shop.json("run", "--dry-run")["plan"]
    assert run["state"] == "missing"


LOADED = """
import json, os, pkgutil, sys
from importlib import import_module

for room in ("notebook", "stats"):  # whatever an author may call on
    package = import_module(f"workbench.{room}")
    for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
        import_module(module.name)

ours = [name for name in sys.modules if name.split(".")[0] == "workbench"]
with open(os.environ["WB_RUN"] + "/out/loaded.json", "w") as file:
    json.dump({name: sys.modules[name].__file__ for name in ours}, file)
"""


def test_every_module_of_ours_that_a_kernel_loads_is_in_the_engines_hash(
    own_shop: House,
):
    own_shop.edit_cells(
        "loyal",
        lambda cells: cells[-1].update(source=cells[-1]["source"] + LOADED),
    )
    (run,) = own_shop.json("run")["runs"]
    folder = own_shop.folder("loyal", run["run"])
    loaded = json.loads((folder / "out" / "loaded.json").read_text())
    assert {"workbench.notebook.figures", "workbench.charts.words"} <= loaded.keys()
    package = Path(workbench.__file__).parent
    hashed = {str(file) for file in engine_files(package)}
    assert {name: file for name, file in loaded.items() if file not in hashed} == {}
