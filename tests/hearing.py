"""An entry given to whoever follows the log, until they are done with it."""

from __future__ import annotations

from router.ports import Heard


async def wholly(left: Heard) -> None:
    """``await wholly(adapter.handle(entry))``"""
    if left is not None:
        await left
