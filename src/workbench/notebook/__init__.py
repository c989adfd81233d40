"""What a notebook may use; `import workbench as wb` gives the same names.

All of it reads and writes the run folder and nothing else.
"""

from workbench.notebook.estimating import count, evidence
from workbench.notebook.exhibiting import exhibit
from workbench.notebook.figures import figure
from workbench.notebook.instants import as_of
from workbench.notebook.tables import table
from workbench.notebook.takeaways import takeaway

__all__ = ["as_of", "count", "evidence", "exhibit", "figure", "table", "takeaway"]
