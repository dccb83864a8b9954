"""The command ``patchbay``."""

from __future__ import annotations

import sys


def main() -> None:
    """What ``patchbay`` on the command line runs."""
    try:
        from server.cli.root import run
    except KeyboardInterrupt:  # Ctrl-C while everything is still being loaded
        sys.exit(130)
    run()
