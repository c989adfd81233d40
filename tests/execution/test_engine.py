"""The engine's border: every foreign error is known, and nothing of data crosses."""

import inspect
from types import ModuleType

import nbclient.exceptions
import papermill.exceptions
import pytest
from nbformat import NotebookNode

from workbench.execution.engine import TRANSLATION, _tells_of_full_disk, code_of
from workbench.execution.judge import EXIT_CODES


def raised_by(module: ModuleType) -> list[type[Exception]]:
    return [
        kind
        for _, kind in inspect.getmembers(module, inspect.isclass)
        if issubclass(kind, Exception) and kind.__module__ == module.__name__
    ]


@pytest.mark.parametrize("module", [nbclient.exceptions, papermill.exceptions])
def test_no_foreign_error_is_unknown(module):
    kinds = raised_by(module)
    assert len(kinds) > 4
    assert [kind for kind in kinds if kind not in TRANSLATION] == []


def test_every_translation_is_a_reason_or_left_to_the_kernels_reply():
    assert {code for code in TRANSLATION.values() if code} <= EXIT_CODES.keys()


def test_a_new_child_of_a_known_error_ends_like_its_parent():
    class StrangerError(nbclient.exceptions.DeadKernelError):
        pass

    assert code_of(StrangerError("x")) == "kernel-died"
    timeout = nbclient.exceptions.CellTimeoutError.error_from_timeout_and_cell(
        "x", 1, NotebookNode(source="1")
    )
    assert code_of(timeout) == "cell-deadline"


@pytest.mark.parametrize(
    ("error", "message", "full"),
    [
        ("OSError", "[Errno 28] No space left on device", True),
        ("OSError", "[Errno 122] Disk quota exceeded", True),
        ("OSError", "[Errno 5] Input/output error", False),
        ("TryLater", "the disk is full while writing x. [disk-full]", True),
        ("TryLater", "the lease is busy. [lease-busy]", False),
        ("ValueError", "[Errno 28]", False),
    ],
)
def test_a_full_disk_is_told_by_type_and_number(error, message, full):
    assert _tells_of_full_disk(error, message) is full
