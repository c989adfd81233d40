"""Runs one notebook in its run folder and decides for itself whether it succeeded.

The runner (`python -m workbench.execution`) is a process of its own; `report` makes its
command line and reads its answer.
"""
