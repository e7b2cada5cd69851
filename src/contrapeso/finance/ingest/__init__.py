"""Reading bank files: no row lost in silence."""
