"""Papermill's engine, ours: sends the cells to the kernel and keeps its own record.

Papermill injects the parameters and calls the three methods of `Engine`. Its own engine
saves the notebook twice a cell and marks as completed what never ran; this one hands on
each cell as it ends and judges nothing.
"""

import asyncio
import copy
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

import nbformat
import papermill
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient import exceptions as nbclient_errors
from nbformat import NotebookNode
from nbformat.reader import NotJSONError
from papermill import exceptions as papermill_errors
from papermill.engines import papermill_engines

from workbench.core.registration import Scalar
from workbench.execution.client import PromptClient
from workbench.execution.executed import Keep, without_papermill
from workbench.execution.judge import INJECTED, numbered
from workbench.execution.kernels import KERNEL_NAME
from workbench.execution.outcome import (
    CellEnd,
    Execution,
    Limits,
    Stop,
    StopCode,
    signal_name,
)
from workbench.execution.processes import left_running
from workbench.execution.silence import Silence
from workbench.execution.streams import joined

_CHILDREN_GRACE_S = 1.0
_OUTPUT_GRACE_S = 60  # to read what a cell showed, after its reply
_SETTLE = "await __import__('workbench.execution.kernel', fromlist=['settle']).settle()"
_NO_SPACE = ("[Errno 28]", "[Errno 122]")
_REPLIED = None  # the kernel's own reply says more

# Foreign errors stop here, each with the code it ends in.
TRANSLATION: Mapping[type[Exception], StopCode | None] = {
    nbclient_errors.CellExecutionError: _REPLIED,
    nbclient_errors.CellTimeoutError: "cell-deadline",
    nbclient_errors.DeadKernelError: "kernel-died",
    nbclient_errors.CellExecutionComplete: "engine-error",
    nbclient_errors.CellControlSignal: "engine-error",
    papermill_errors.PapermillExecutionError: _REPLIED,
    papermill_errors.PapermillException: "engine-error",
    papermill_errors.PapermillMissingParameterException: "engine-error",
    papermill_errors.PapermillRateLimitException: "engine-error",
    papermill_errors.PapermillOptionalDependencyException: "engine-error",
    papermill_errors.PapermillWarning: "engine-error",
    papermill_errors.PapermillParameterOverwriteWarning: "engine-error",
    papermill_errors.AwsError: "engine-error",
    papermill_errors.FileExistsError: "engine-error",
    NotJSONError: "engine-error",
    nbformat.ValidationError: "engine-error",
}
_FOREIGN = tuple(TRANSLATION)


def code_of(error: Exception) -> StopCode | None:
    """The stop code of a foreign error: its own, or its nearest ancestor's."""
    return next(TRANSLATION[kind] for kind in type(error).mro() if kind in TRANSLATION)


class Engine:
    """One execution; an object because papermill asks for no more than three methods.

    Attributes:
        ready: When the kernel first answered, on the monotonic clock; None before.
    """

    def __init__(
        self,
        manager: AsyncKernelManager,
        loop: asyncio.Runner,
        limits: Limits,
        until: float,
        keep: Keep,
    ) -> None:
        self._manager = manager
        self._loop = loop
        self._limits = limits
        self._until = until
        self._keep = keep
        self._current: int | None = None
        self._executed = NotebookNode(metadata={}, cells=[])  # type: ignore[no-untyped-call]
        self._ends: list[CellEnd] = []
        self._stop: Stop | None = None
        self._left_running = 0
        self._client: NotebookClient | None = None
        self._began = monotonic()
        self.ready: float | None = None

    def run(self, notebook: Path, parameters: Mapping[str, Scalar]) -> Execution:
        """Execute a notebook from its clean source; writes no file."""
        papermill_engines.register(KERNEL_NAME, self)
        try:
            papermill.execute_notebook(
                str(notebook).replace("{", "{{").replace("}", "}}"),  # it formats paths
                None,
                parameters=dict(parameters),
                engine_name=KERNEL_NAME,
                kernel_name=KERNEL_NAME,
                language="python",
                progress_bar=False,
            )
        except _FOREIGN as error:
            self._note_stop(code_of(error), type(error).__name__)
        return Execution(
            notebook=without_papermill(self._executed),
            ends=tuple(self._ends),
            stop=self._stop,
            left_running=self._left_running,
        )

    def nb_kernel_name(self, _nb: NotebookNode, _name: str | None = None) -> str:
        """The only kernel there is, whatever the notebook says."""
        return KERNEL_NAME

    def nb_language(self, _nb: NotebookNode, _language: str | None = None) -> str:
        """Papermill writes the parameters in this language."""
        return "python"

    def execute_notebook(
        self, nb: NotebookNode, _kernel_name: str, **_papermill: object
    ) -> NotebookNode:
        """Execute all cells, or stop at the first that does not finish."""
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
            if INJECTED in cell.metadata.tags:
                cell.id = INJECTED  # papermill's is random
        self._keep(nb)
        try:
            self._loop.run(self._execute(nb))
        finally:
            self._executed = copy.deepcopy(nb)  # papermill puts its banners into `nb`
        return nb

    async def _execute(self, nb: NotebookNode) -> None:
        clock = asyncio.timeout_at(self._until)
        silence = Silence(self._limits.silence_deadline_s, self._heard)
        try:
            async with clock:
                with silence.ends(clock):
                    await self._converse(nb)
        except _FOREIGN as error:
            if clock.expired():  # nbclient calls a cancelled wait a dead kernel
                self._note_late(silence)
            else:
                self._note_stop(code_of(error), await self._last_words())

        except TimeoutError:
            self._note_late(silence)

    def _note_late(self, silence: Silence) -> None:
        self._note_stop("silent" if silence.fell else "deadline", "")

    def _heard(self) -> float:
        """When the kernel last said anything; before that, when it was asked to."""
        client = self._client.kc if self._client else None
        said = client.heard if isinstance(client, PromptClient) else 0.0
        return max(self._began, said)

    async def _converse(self, nb: NotebookNode) -> None:
        client = self._client = NotebookClient(
            nb,
            km=self._manager,
            startup_timeout=int(self._limits.deadline_s),
            timeout_func=lambda _cell: self._limits.cell_deadline_s,
            iopub_timeout=_OUTPUT_GRACE_S,
            raise_on_iopub_timeout=True,
            shell_timeout_interval=1,
            force_raise_errors=True,  # no tag lets an error pass,
            skip_cells_with_tag="",  # or a cell be skipped
            record_timing=False,
            store_widget_state=False,
            coalesce_streams=False,  # see streams.py
            on_cell_executed=self._note_reply,
        )
        try:
            await _connect(client)
            self.ready = monotonic()
            await self._send_cells(client, nb)
        finally:
            if client.kc:
                client.kc.stop_channels()

    async def _send_cells(self, client: NotebookClient, nb: NotebookNode) -> None:
        numbers = (number for number, _ in numbered(nb.cells))
        for index, cell in enumerate(nb.cells):
            if cell.cell_type == "code":
                self._current = next(numbers)
            try:
                await client.async_execute_cell(cell, index)
            finally:
                if cell.cell_type == "code":
                    cell.outputs = joined(cell.outputs)
                    self._keep([index, cell])
            if self._ends and self._ends[-1].asked_exit:
                return
        assert client.kc is not None  # noqa: S101 - it has just executed cells
        await client.async_wait_for_reply(client.kc.execute(_SETTLE, silent=True))
        self._left_running = left_running(await self._kernel(), _CHILDREN_GRACE_S)

    def _note_reply(self, execute_reply: Mapping[str, Any], **_: object) -> None:
        """Keep the kernel's reply about a cell, without what it may quote of data."""
        content = execute_reply["content"]
        error = "" if content["status"] == "ok" else content.get("ename", "Aborted")
        payloads = content.get("payload", [])
        self._ends.append(
            CellEnd(
                cell=self._current,
                error=error,
                full_disk=_tells_of_full_disk(error, content.get("evalue", "")),
                asked_exit=any(item.get("source") == "ask_exit" for item in payloads),
            )
        )

    def _note_stop(self, code: StopCode | None, detail: str) -> None:
        if code is not _REPLIED and self._stop is None:
            self._stop = Stop(code=code, cell=self._current, detail=detail)

    async def _kernel(self) -> int:
        """Process id of the kernel."""
        assert self._manager.provisioner is not None  # noqa: S101 - it was started
        info = await self._manager.provisioner.get_provisioner_info()
        return int(info["pid"])

    async def _last_words(self) -> str:
        """The signal or the exit status that ended the kernel, if it has ended."""
        provisioner = self._manager.provisioner
        status = await provisioner.poll() if provisioner else None
        if status is None:
            return ""
        return signal_name(-status) if status < 0 else f"exit status {status}"


async def _connect(client: NotebookClient) -> None:
    """Wait until the kernel answers.

    Raises:
        DeadKernelError: It never will.
    """
    try:
        await client.async_start_new_kernel_client()
    except RuntimeError as error:
        raise nbclient_errors.DeadKernelError from error


def _tells_of_full_disk(error: str, message: str) -> bool:
    if error == "TryLater":
        return "[disk-full]" in message
    return error == "OSError" and any(mark in message for mark in _NO_SPACE)
