"""Serving a folder on this machine only, for previews."""

import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from workbench.core.errors import Reason, TryLater


def serve(folder: Path, port: int) -> None:
    """Serve until interrupted.

    Raises:
        TryLater: The port is taken.
    """
    handler = partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        message = f"port {port} is taken; set another: WB_PORT=8001."
        raise TryLater(Reason(code="port-taken", message=message)) from error
    print(f"http://127.0.0.1:{port}/ (stop with Ctrl-C)", file=sys.stderr)
    with server:
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
