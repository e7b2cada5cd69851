"""The documented import paths of the service classes; re-exports only, the product is ``contrapeso``."""

if __name__ != "src.services":
    raise ImportError(
        f"Imported as {__name__!r}; the documented path is 'src.services' from the repository root, "
        "or 'contrapeso.services' once installed."
    )
