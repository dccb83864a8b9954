"""The catalog at start and over time: the file an operator named, and opening hours far ahead."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from config.catalog import check_file, check_text, must_renew
from router.core.catalog import Catalog
from router.core.events import Rejected
from router.ports import Clock
from server.catalog_publishing import CatalogPublisher

log = structlog.get_logger(__name__)

LOOK_EVERY_SECONDS = 3_600.0
BY = "patchbay"


class CatalogRefused(Exception):
    """The catalog named at start cannot be used; the text says why, line by line."""


async def put_in_force(publisher: CatalogPublisher, file: Path, clock: Clock) -> None:
    """Publish the catalog in ``file`` unless its text is in force already.

    Raises ``CatalogRefused``.
    """
    report = await asyncio.to_thread(check_file, file, at=clock.now())
    if report.catalog is None:
        problems = "\n".join(str(problem) for problem in report.errors)
        raise CatalogRefused(f"The catalog cannot be used:\n{problems}")
    current = publisher.current
    if report.catalog.source == current.source and current.version:
        return
    await _publish(publisher, report.catalog, clock, f"From {file.name}")


async def renew_hours(publisher: CatalogPublisher, clock: Clock) -> bool:
    """Resolve the opening hours further ahead when they end soon; whether that was due."""
    current = publisher.current
    if not must_renew(current, clock.now()):
        return False
    report = await asyncio.to_thread(check_text, current.source, at=clock.now())
    if report.catalog is None:
        raise CatalogRefused("The catalog in force cannot be read any more: publish a new one.")
    await _publish(publisher, report.catalog, clock, "Opening hours resolved further ahead")
    return True


async def keep_hours_ahead(publisher: CatalogPublisher, clock: Clock) -> None:
    """Look every hour, for ever."""
    while True:
        try:
            if await renew_hours(publisher, clock):
                log.info("opening_hours_renewed")
        except Exception as error:
            log.exception("opening_hours_not_renewed", exc_info=error)
        await asyncio.sleep(LOOK_EVERY_SECONDS)


async def _publish(publisher: CatalogPublisher, catalog: Catalog, clock: Clock, note: str) -> None:
    command = f"{BY}:catalog:{clock.now()}"
    version = publisher.current.version
    outcome = await publisher.publish(catalog, version, note, command=command, by=BY)
    if isinstance(outcome, Rejected):
        raise CatalogRefused(f"The catalog was refused: {outcome.reason}")
