"""The catalogs of a journal as one that holds from the first contact to the last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import msgspec

from router.core.catalog import Catalog, Hours

Part = TypeVar("Part")


def in_force(catalogs: Sequence[Catalog]) -> Catalog:
    """The last of ``catalogs``, with queues, profiles, people and skills that earlier ones had and
    it has not: somebody was called there, or worked there. Opening hours are those of all.
    """
    last = catalogs[-1]
    return msgspec.structs.replace(
        last,
        version=0,
        queues=_all_of([one.queues for one in catalogs]),
        profiles=_all_of([one.profiles for one in catalogs]),
        agents=_all_of([one.agents for one in catalogs]),
        skills=_all_of([one.skills for one in catalogs]),
        hours={
            name: _hours([one.hours[name] for one in catalogs if name in one.hours])
            for name in _all_of([one.hours for one in catalogs])
        },
    )


def _all_of(parts: Sequence[Mapping[str, Part]]) -> dict[str, Part]:
    """Those of the last first, and in its order."""
    found = dict(parts[-1])
    for part in reversed(parts[:-1]):
        for name, one in part.items():
            found.setdefault(name, one)
    return found


def _hours(versions: Sequence[Hours]) -> Hours:
    """A later version may know only what was still to come when it was published."""
    spans: list[tuple[int, int]] = []
    for opens, closes in sorted({span for one in versions for span in one.spans}):
        if spans and opens <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], closes))
        else:
            spans.append((opens, closes))
    last = versions[-1]
    return msgspec.structs.replace(last, spans=tuple(spans), until=max(o.until for o in versions))
