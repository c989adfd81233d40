"""What was loaded since is forgotten as if it had never been."""

import subprocess
import sys

CODE = """
import logging
logging.getLogger("known.child")
from workbench.execution import noted
before = {**logging.root.manager.loggerDict}
for name in ("known", "known.child.new", "new.one"):
    logging.getLogger(name).addHandler(logging.NullHandler())
assert logging.getLogger("known.child").parent.name == "known"
noted.forget_the_rest()
after = logging.root.manager.loggerDict
assert after.keys() == before.keys()
assert {name: type(each) for name, each in after.items()} == {
    name: type(each) for name, each in before.items()
}
assert logging.getLogger("known.child").parent is logging.root
assert not logging.getLogger("known").handlers
assert logging.getLogger("known.child").parent.name == "known"
"""


def test_loggers_hang_below_each_other_as_they_did() -> None:
    subprocess.run([sys.executable, "-c", CODE], check=True)
