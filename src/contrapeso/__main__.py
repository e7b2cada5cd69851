"""``python -m contrapeso``, the same as the ``contrapeso`` command."""

from contrapeso.cli import main

main()
