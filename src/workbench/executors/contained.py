"""Becomes the command it is given, after asking the operating system for two things.

Orphans of the command become its own children, so that none can hide; and it is told to
end when its starter dies. Both survive `exec`. Run as a script by `local.py`, because
Python advises against code between fork and exec in a process that may have threads.

Usage: contained.py PID_OF_STARTER COMMAND ...
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
_NOT_FOUND = 127

starter, *command = sys.argv[1:]
prctl = ctypes.CDLL(None).prctl
prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
if os.getppid() != int(starter):  # it died before the second request
    sys.exit(128 + signal.SIGTERM)
try:
    os.execvp(command[0], command)  # noqa: S606 - becoming the command is the point
except OSError as error:
    sys.stderr.write(f"{command[0]}: {error.strerror}\n")
    sys.exit(_NOT_FOUND)
