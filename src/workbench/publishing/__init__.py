"""Publishing: runs become posts, posts pass the gate, the site is released."""
