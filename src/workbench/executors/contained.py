"""Starts the command it is given and stays beside it, as the reaper of its orphans.

The command is the reaper of its own orphans, so that none can hide; should it be
killed, they come here, and end. Signals to end are passed on, and this ends as the
command did. Either is told to end when its starter dies, and the command is killed
where it does not obey. Run as a script by `local.py`, because Python advises against
code between fork and exec in a process that may have threads.

Usage: contained.py PID_OF_STARTER COMMAND ...
"""

import os
import resource
import signal
import sys

# No environment tells a bare script where we are.
sys.path.append(os.path.abspath(f"{__file__}/../../.."))  # noqa: PTH100 - quick
from workbench.core.orphans import end_orphans, end_with, take_in_orphans

_NOT_FOUND = 127
_PASSED_ON = (signal.SIGINT, signal.SIGTERM)
_HEARD = (*_PASSED_ON, signal.SIGCHLD, signal.SIGALRM)
_PATIENCE_S = 5


def become(command: list[str]) -> None:
    """Become the command, or say why not."""
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        sys.stderr.flush()
    os._exit(_NOT_FOUND)


def wait_for(command: int, starter: int) -> int:
    """Pass signals on until the command has ended; returns its status.

    Once the starter is gone nobody else would kill a command that does not obey.
    """
    while True:
        number = signal.sigwait(_HEARD)
        if number == signal.SIGALRM:
            os.kill(command, signal.SIGKILL)
        elif number != signal.SIGCHLD:
            os.kill(command, number)
            if os.getppid() != starter:
                signal.alarm(_PATIENCE_S)
        while True:  # one signal may tell of several ends
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == command:
                return os.waitstatus_to_exitcode(status)
            if pid == 0:
                break


def end_as(status: int) -> None:
    """End with an exit status, or by the signal that ended the command."""
    if status >= 0:
        os._exit(status)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if status != -signal.SIGKILL:  # that one is always as it was
        signal.signal(-status, signal.SIG_DFL)
    os.kill(os.getpid(), -status)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    os._exit(128 - status)


if __name__ == "__main__":
    starter = int(sys.argv[1])
    take_in_orphans()
    end_with(starter)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HEARD)
    here = os.getpid()
    child = os.fork()
    if child == 0:
        take_in_orphans()
        end_with(here)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        become(sys.argv[2:])
    status = wait_for(child, starter)
    end_orphans()
    end_as(status)
