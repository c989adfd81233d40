"""A process says truly whether it may be forked, and a fork begins anew."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

SAID = """
    import json, os, signal, sys, tempfile, threading
    from pathlib import Path
    from workbench.core import forking

    tempfile.gettempdir()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    one = forking.has_one_thread()
    other = threading.Thread(target=threading.Event().wait, daemon=True)
    other.start()
    forking.begin_anew(Path(sys.argv[1]), {"TMPDIR": sys.argv[1]})
    json.dump({
        "threads": [one, forking.has_one_thread()],
        "folder": os.getcwd(),
        "environment": dict(os.environ),
        "temporary": tempfile.gettempdir(),
        "deaf": signal.getsignal(signal.SIGTERM) is signal.SIG_IGN,
        "light": sorted({"asyncio", "numpy", "json.tool"} & set(sys.modules)),
    }, sys.stdout)
"""


def test_what_begins_anew_knows_nothing_of_before(tmp_path: Path) -> None:
    said = json.loads(
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(SAID), str(tmp_path)],
            env={**os.environ, "FORMER": "1"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    )
    assert said == {
        "threads": [True, False],
        "folder": str(tmp_path),
        "environment": {"TMPDIR": str(tmp_path)},
        "temporary": str(tmp_path),
        "deaf": False,
        "light": [],
    }
