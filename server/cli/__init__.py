"""The command ``patchbay``."""

from __future__ import annotations


def main() -> None:
    """What ``patchbay`` on the command line runs."""
    from server.cli.root import run

    run()
