"""A process that has loaded what commands need, and forks one for each of them.

Loading pandas and its kin takes seconds, forking a process that has them milliseconds.
This process holds nothing else: no data, no socket of its own, one thread alone; so
each fork begins as clean as a new interpreter, and none can touch the next. A command
that is `python -m` of a module runs in its fork; another takes the fork's place.

Usage: python -m workbench.executors.preloading CONTROL_HANDLE MODULE ...
"""

import gc
import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import Any, NoReturn

from workbench.core.forking import (
    begin_anew,
    has_one_thread,
    is_module,
    load,
    run_module,
)
from workbench.core.orphans import end_orphans, end_with, take_in_orphans

_NOT_FOUND = 127
_LONGEST_REQUEST = 1 << 20
_HANDLES = 3  # where to tell the end, standard output, standard error
_POLITE_S = 10.0
READY, UNFIT = b"ready", b"unfit"

Children = dict[int, tuple[int, socket.socket]]
"""Process id and where to tell its end, by a handle on the process."""


def serve(control: socket.socket) -> None:
    """Fork a child for each request until the other side is gone; then end them all."""
    take_in_orphans()
    children: Children = {}
    poll = select.poll()
    poll.register(control, select.POLLIN)
    while True:
        for handle, _ in poll.poll():
            if handle in children:
                poll.unregister(handle)
                _bury(children, handle)
                continue
            request, handles, _, _ = socket.recv_fds(
                control, _LONGEST_REQUEST, _HANDLES
            )
            if not request:
                _end_all(children)
                return
            child = _fork(json.loads(request), handles, control, children)
            if child is not None:
                poll.register(child, select.POLLIN)


def _fork(
    request: dict[str, Any],
    handles: list[int],
    control: socket.socket,
    children: Children,
) -> int | None:
    """Start a child; returns a handle on it, which its starter gets as well."""
    told, out, err = handles
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError:  # no more processes, or no memory: its starter does without us
        for handle in handles:
            os.close(handle)
        return None
    if pid == 0:
        control.close()
        for handle, (_, line) in children.items():
            os.close(handle)
            line.close()
        os.close(told)
        _become(request, parent, out, err)
    os.close(out)
    os.close(err)
    handle, line = os.pidfd_open(pid), socket.socket(fileno=told)
    children[handle] = (pid, line)
    try:
        socket.send_fds(line, [str(pid).encode()], [handle])
    except OSError:  # nobody waits for it any more
        os.kill(pid, signal.SIGKILL)
    return handle


def _bury(children: Children, handle: int) -> None:
    """Take a child's status, end what it left to us, and tell its starter."""
    pid, line = children.pop(handle)
    os.close(handle)
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    end_orphans(frozenset(child for child, _ in children.values()))
    with line:
        try:
            line.send(str(status).encode())
        except OSError:  # nobody waits for it any more
            return


def _end_all(children: Children) -> None:
    """Ask every child to end, and kill what does not."""
    for pid, _ in children.values():
        os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + _POLITE_S
    while children and time.monotonic() < until:
        for handle in select.select([*children], [], [], 0.1)[0]:
            _bury(children, handle)
    end_orphans()


def _become(request: dict[str, Any], parent: int, out: int, err: int) -> NoReturn:
    """Turn this fork into the command."""
    status = 1
    try:
        os.setsid()
        take_in_orphans()
        end_with(parent)
        os.dup2(out, 1)
        os.dup2(err, 2)
        os.close(out)
        os.close(err)
        begin_anew(Path(request["folder"]), request["environment"])
        status = _run(request["command"])
    except BaseException:  # noqa: BLE001 - nothing may return into the parent's frames
        traceback.print_exc()
    finally:
        _flush_and_exit(status)


def _run(command: list[str]) -> int:
    """Run a module here, or become the program."""
    if not is_module(command):
        try:
            os.execvp(command[0], command)  # noqa: S606 - becoming it is the point
        except OSError as error:
            sys.stderr.write(f"{command[0]}: {error.strerror}\n")
            return _NOT_FOUND
    try:
        run_module(command, Path.cwd())
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    return 0


def _flush_and_exit(status: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = status or 1
    os._exit(status & 0xFF)


def main(handle: str, *modules: str) -> None:
    """Load, say whether forks may be made, and make them."""
    control = socket.socket(fileno=int(handle))
    load(modules)
    gc.collect()
    gc.freeze()  # so that no collection writes to pages that forks share
    control.send(READY if has_one_thread() else UNFIT)
    if has_one_thread():
        serve(control)


if __name__ == "__main__":
    main(*sys.argv[1:])
