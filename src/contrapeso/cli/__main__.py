"""``python -m contrapeso.cli``, the same as ``contrapeso``."""

from contrapeso.cli import main

main()
