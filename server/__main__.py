"""``python -m server`` is ``patchbay``."""

from server.cli import main

main()
