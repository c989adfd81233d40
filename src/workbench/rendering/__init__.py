"""An executed notebook becomes a post: prose and exhibits, and nothing else."""

from workbench.rendering.identity import rendering_id
from workbench.rendering.post import render_post

__all__ = ["render_post", "rendering_id"]
