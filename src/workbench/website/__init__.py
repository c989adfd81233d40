"""Posts and hand-written pages become a site that replaces the last one at once."""

from workbench.website.build import build_site
from workbench.website.inspect import inspect_site
from workbench.website.release import Release, release_site
from workbench.website.stage import Stage, compose_stage

__all__ = [
    "Release",
    "Stage",
    "build_site",
    "compose_stage",
    "inspect_site",
    "release_site",
]
