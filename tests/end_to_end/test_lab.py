"""`workbench lab`: the right kernel is offered, and outputs never reach a file."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.end_to_end.house import House
from tests.places import ROOT

pytestmark = [pytest.mark.kernel, pytest.mark.slow]

REAL_LAB = ROOT / ".venv-lab" / "bin" / "jupyter-lab"


def _ready(house: House) -> Path:
    """The folder of what `workbench lab` writes before it would open JupyterLab."""
    program = house.root / ".venv-lab" / "bin" / "jupyter-lab"
    program.parent.mkdir(parents=True)
    program.touch()
    assert house("lab", "loyal", "--dry-run").out == "ready\n"
    return house.root / ".workbench" / "lab-server"


def test_the_kernel_offered_is_this_interpreter(own_shop: House):
    folder = _ready(own_shop)
    spec = json.loads(
        (folder / "share" / "kernels" / "workbench" / "kernel.json").read_text()
    )
    assert spec["argv"][0] == sys.executable
    own_shop("new", "fresh")
    notebook = json.loads((own_shop.root / "notebooks" / "fresh.ipynb").read_text())
    assert notebook["metadata"]["kernelspec"]["name"] == "workbench"


def _with_outputs() -> dict[str, Any]:
    """A notebook as JupyterLab would save it after a run."""
    shown = {"output_type": "stream", "name": "stdout", "text": "person-001"}
    code: dict[str, object] = {
        "cell_type": "code",
        "id": "a",
        "metadata": {},
        "execution_count": 7,
        "outputs": [shown],
        "source": "print(1)",
    }
    prose = {"cell_type": "markdown", "id": "b", "metadata": {}, "source": "Prose."}
    return {"cells": [code, prose], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


def test_saving_strips_outputs_and_counts_and_nothing_else(own_shop: House):
    settings = SimpleNamespace(
        ContentsManager=SimpleNamespace(), FileContentsManager=SimpleNamespace()
    )
    config = _ready(own_shop) / "jupyter_server_config.py"
    exec(compile(config.read_text(), str(config), "exec"), {"c": settings})
    for manager in (settings.ContentsManager, settings.FileContentsManager):
        model: dict[str, Any] = {"type": "notebook", "content": _with_outputs()}
        manager.pre_save_hook(model=model, path="x.ipynb", contents_manager=None)
        code, prose = model["content"]["cells"]
        assert (code["outputs"], code["execution_count"]) == ([], None)
        assert (code["source"], prose["source"]) == ("print(1)", "Prose.")
        text = {"type": "file", "content": "outputs"}
        manager.pre_save_hook(model=text, path="x.txt", contents_manager=None)
        assert text == {"type": "file", "content": "outputs"}


def _ask(port: int, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = Request(
        f"http://127.0.0.1:{port}/api/{path}?token=t",
        data=data,
        method="GET" if body is None else "PUT",
    )
    for _ in range(200):
        try:
            with urlopen(request, timeout=30) as answer:
                return json.load(answer)
        except URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):
                raise
            time.sleep(0.1)
    raise AssertionError("the server never answered")


if REAL_LAB.is_file():  # `make lab` was called; the files above are enough without it

    def test_jupyterlab_offers_the_kernel_and_saves_without_outputs(own_shop: House):
        folder = _ready(own_shop)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        words = [f"--config={folder / 'jupyter_server_config.py'}", "--no-browser"]
        words += [f"--ServerApp.port={port}", "--IdentityProvider.token=t"]
        words += ["--allow-root"]
        server = subprocess.Popen(
            [REAL_LAB, *words, str(own_shop.root / "notebooks")],
            env={
                **os.environ,
                **own_shop.environment,
                "JUPYTER_PATH": str(folder / "share"),
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            kernels = _ask(port, "kernelspecs")["kernelspecs"]
            assert kernels["workbench"]["spec"]["argv"][0] == sys.executable
            body = {"type": "notebook", "format": "json", "content": _with_outputs()}
            _ask(port, "contents/saved.ipynb", body)
        finally:
            server.terminate()
            server.wait(30)
        saved = json.loads((own_shop.root / "notebooks" / "saved.ipynb").read_text())
        assert saved["cells"][0]["outputs"] == []
        assert saved["cells"][0]["execution_count"] is None
        assert saved["cells"][0]["source"]
