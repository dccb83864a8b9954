"""Which nodes lead where, as lists: for questions about whole flows, in time that grows with the
flow and without recursion, so that no flow is too long.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

Links = Mapping[str, tuple[str, ...]]


def reachable(links: Links, starts: Iterable[str]) -> set[str]:
    """``starts`` and everything that they lead to."""
    found = set(starts)
    waiting = list(found)
    while waiting:
        for target in links.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def reversed_links(links: Links) -> dict[str, tuple[str, ...]]:
    sources: dict[str, list[str]] = {}
    for key, targets in links.items():
        for target in targets:
            sources.setdefault(target, []).append(key)
    return {key: tuple(those) for key, those in sources.items()}


def circles(links: Links) -> list[list[str]]:
    """The groups of nodes that lead to each other, and nodes that lead to themselves.

    Tarjan's strongly connected components, with a stack of its own.
    """
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    found: list[list[str]] = []
    for start in links:
        if start in index:
            continue
        work = [(start, iter(links.get(start, ())))]
        index[start] = low[start] = len(index)
        path.append(start)
        on_path.add(start)
        while work:
            key, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    path.append(target)
                    on_path.add(target)
                    work.append((target, iter(links.get(target, ()))))
                    break
                if target in on_path:
                    low[key] = min(low[key], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[key])
                if low[key] == index[key]:
                    _close(key, path, on_path, links, found)
    return found


def _close(
    key: str, path: list[str], on_path: set[str], links: Links, found: list[list[str]]
) -> None:
    """``key`` is the first of a group that is complete: take it off ``path``."""
    group: list[str] = []
    while True:
        one = path.pop()
        on_path.discard(one)
        group.append(one)
        if one == key:
            break
    if len(group) > 1 or key in links.get(key, ()):
        found.append(group[::-1])


def longest_way(links: Links, among: Collection[str]) -> dict[str, int]:
    """For each node of ``among`` how many nodes its longest way has, itself included; nodes in
    circles, and those that lead to them, are left out.
    """
    sources = reversed_links({key: links.get(key, ()) for key in among})
    open_targets = {key: len(links.get(key, ())) for key in among}
    length = dict.fromkeys((key for key, count in open_targets.items() if not count), 1)
    ready = list(length)
    best: dict[str, int] = {}
    while ready:
        key = ready.pop()
        length[key] = 1 + best.get(key, 0)
        for source in sources.get(key, ()):
            best[source] = max(best.get(source, 0), length[key])
            open_targets[source] -= 1
            if not open_targets[source]:
                ready.append(source)
    return length
