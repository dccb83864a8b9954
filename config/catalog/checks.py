"""What a catalog means, checked: rules between fields first, then whether anyone could serve.

Rules between fields read the document, as far as it could be read, so that one run names all
problems. Staffing is judged on the compiled catalog, when nothing else is wrong.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from config.catalog.document import (
    CannedReplySource,
    CatalogSource,
    HoursSource,
    OverflowSource,
    ProfileSource,
    QueueSource,
    StepSource,
    ToSource,
)
from config.catalog.kinds import CONDITION_WORDS
from config.catalog.openings import DAYS, parse_weekdays
from config.durations import format_duration
from config.problems import Path, ProblemList, Severity, excerpt
from config.yaml_nodes import Node, exists, locate
from router.core.catalog import Queue
from router.core.checks import MAX_STEPS
from router.core.durations import SECOND

_DEFAULTS = Queue(id="", label="")


class Checker:
    """One run over one document; every method reports and returns nothing."""

    def __init__(self, root: Node, problems: ProblemList) -> None:
        self._root = root
        self._problems = problems

    def report(self, path: Path, what: str, fix: str, severity: Severity = "error") -> None:
        self._problems.add(locate(self._root, path), path, what, fix, severity)

    def warn(self, path: Path, what: str, fix: str) -> None:
        self.report(path, what, fix, "warning")

    def written(self, path: Path) -> bool:
        """Whether the file has a value here, be it one that could not be read."""
        return exists(self._root, path)

    def check(self, document: CatalogSource) -> None:
        for skill in document.skills or {}:
            self._skill(skill)
        for key, queue in (document.queues or {}).items():
            self._queue(("queues", key), key, queue)
        self._overflow_cycles(document.queues or {})
        for key, profile in (document.profiles or {}).items():
            self._profile(("profiles", key), profile)
        for key, hours in (document.hours or {}).items():
            self._hours(("hours", key), hours, document.time_zone)
        for key, entry in (document.entry_points or {}).items():
            self.check_steps(("entry_points", key, "steps"), entry.steps or ())
        values = document.credits.values if document.credits else None
        self._repeated(("credits", "values"), [str(one.at_least) for one in values or ()])
        self._repeated(("not_ready_reasons",), document.not_ready_reasons or ())
        for key, reply in (document.canned_replies or {}).items():
            self._repeated(("canned_replies", key, "queues"), reply.queues or ())
            self._repeated(("canned_replies", key, "channels"), reply.channels or ())
        self._same_shortcuts(document.canned_replies or {})

    def _skill(self, skill: str) -> None:
        if skill in CONDITION_WORDS or skill == "anyone":
            self.report(
                ("skills", skill), f"a skill cannot be called '{skill}'", "give it another id"
            )

    def _queue(self, path: Path, key: str, queue: QueueSource) -> None:
        self.check_steps((*path, "steps"), queue.steps or ())
        self._repeated((*path, "dispositions"), queue.dispositions or ())
        for index, rule in enumerate(queue.overflow or ()):
            self._overflow((*path, "overflow", index), key, queue, rule)
        wrap_up = _DEFAULTS.wrap_up if queue.wrap_up is None else queue.wrap_up
        limit = _DEFAULTS.wrap_up_limit if queue.wrap_up_limit is None else queue.wrap_up_limit
        if limit < wrap_up:
            self.report(
                (*path, "wrap_up_limit" if queue.wrap_up_limit is not None else "wrap_up"),
                f"wrap-up lasts {format_duration(wrap_up)} but its limit is "
                f"{format_duration(limit)}",
                "raise wrap_up_limit or shorten wrap_up",
            )
        self._at_least((*path, "offer_for"), queue.offer_for, SECOND, "an offer needs time")
        self._at_least(
            (*path, "reoffer_after"),
            queue.reoffer_after,
            SECOND,
            "an agent who rejected a contact would be offered it again at once",
        )
        for index, one in enumerate(queue.announcements or ()):
            where = (*path, "announcements", index, "every")
            self._at_least(where, one.every or None, 5 * SECOND, "this would repeat without pause")

    def _same_shortcuts(self, replies: dict[str, CannedReplySource]) -> None:
        """Two languages, queues or channels may share a shortcut; else it says two things."""
        seen: dict[tuple[str, str | None], list[CannedReplySource]] = {}
        for key, reply in replies.items():
            shortcut = reply.shortcut or key
            others = seen.setdefault((shortcut, reply.language), [])
            if any(
                _meet(reply.queues, o.queues) and _meet(reply.channels, o.channels) for o in others
            ):
                self.warn(
                    ("canned_replies", key),
                    f"the shortcut '/{shortcut}' already stands for another reply there",
                    "give it a shortcut of its own, or a language, queues or channels",
                )
            others.append(reply)

    def _at_least(self, path: Path, value: int | None, least: int, what: str) -> None:
        if value is not None and value < least:
            self.report(path, what, f"write at least {format_duration(least)}")

    def check_steps(self, path: Path, steps: tuple[StepSource, ...]) -> None:
        if len(steps) > MAX_STEPS:
            self.report(path, f"there are {len(steps)} steps", f"keep to {MAX_STEPS} at most")
        for index, step in enumerate(steps):
            here = (*path, index)
            last = index == len(steps) - 1
            if last and step.lasts is not None:
                self.report(
                    (*here, "for"),
                    "the last step lasts until the contact is served",
                    "remove 'for' or add a step after it",
                )
            if not last and step.lasts is None and not self.written((*here, "for")):
                self.report(
                    here, "the steps after this one are never reached", "add how long: 'for: 30s'"
                )
            if not last:
                self._at_least((*here, "for"), step.lasts, SECOND, "a step needs time")

    def _overflow(self, path: Path, key: str, queue: QueueSource, rule: OverflowSource) -> None:
        needs = {"wait": "duration", "estimated_wait": "duration", "length": "contacts"}
        example = "at: 20" if rule.when == "length" else "at: 5m"
        if rule.when in needs and rule.at is None:
            self.report(path, f"'{rule.when}' needs a limit", f"add '{example}'")
        expected = needs.get(rule.when, "duration")
        if rule.at is not None and rule.at.unit != expected and rule.at.value:
            self.report(
                (*path, "at"), f"'{rule.when}' is limited by a {expected}", f"write '{example}'"
            )
        if rule.when == "closed" and rule.at is not None:
            self.report((*path, "at"), "'closed' has no limit", "remove 'at'")
        if rule.when == "closed" and queue.hours is None:
            self.warn(path, "this queue is always open, so the rule never applies", "give it hours")
        if isinstance(rule.to, ToSource):
            self._destination((*path, "to"), key, rule.to)

    def _destination(self, path: Path, key: str, to: ToSource) -> None:
        given = [one for one in (to.queue, to.voicemail, to.message) if one is not None]
        if len(given) != 1:
            self.report(
                path,
                f"{len(given)} destinations are given",
                "write exactly one of queue, voicemail, message, or 'to: callback'",
            )
        if to.queue == key:
            self.report((*path, "queue"), "a queue cannot overflow to itself", "name another queue")

    def _overflow_cycles(self, queues: dict[str, QueueSource]) -> None:
        targets = {key: sorted(_overflow_targets(queue)) for key, queue in queues.items()}
        for cycle in find_cycles(targets):
            names = " -> ".join(excerpt(key) for key in [*cycle, cycle[0]][:12])
            self.warn(
                ("queues", cycle[0], "overflow"),
                f"overflow runs in a circle: {names}",
                "a contact leaves each queue once only; end the circle with a message or callback",
            )

    def _profile(self, path: Path, profile: ProfileSource) -> None:
        names = [one if isinstance(one, str) else one.queue for one in profile.queues]
        self._repeated((*path, "queues"), names)
        if not any(profile.capacity.values()):
            self.warn(
                (*path, "capacity"),
                "agents with this profile are never offered anything",
                "give a channel a capacity of 1 or more",
            )

    def _hours(self, path: Path, hours: HoursSource, default_zone: str | None) -> None:
        zones = ((*path, "time_zone"), ("time_zone",))
        if not hours.time_zone and not default_zone and not any(map(self.written, zones)):
            self.report(
                path, "these hours have no time zone", "add 'time_zone: Europe/Madrid' or the like"
            )
        named = Counter(day for days in hours.open for day in parse_weekdays(days))
        for day, count in sorted(named.items()):
            if count > 1:
                self.report(
                    (*path, "open"), f"{DAYS[day]} is given {count} times", "keep one line for it"
                )
        if not any(openings.spans for openings in hours.open.values()):
            self.warn((*path, "open"), "these hours never open", "add opening times")

    def _repeated(self, path: Path, names: Iterable[str]) -> None:
        listed = list(names)
        repeated = {name for name, count in Counter(listed).items() if count > 1}
        for index, name in enumerate(listed):
            if name in repeated and name in listed[:index]:
                self.report((*path, index), f"'{excerpt(name)}' is listed twice", "remove one")


def _meet(some: tuple[str, ...] | None, others: tuple[str, ...] | None) -> bool:
    """Whether both hold somewhere; nothing written holds everywhere."""
    return not some or not others or not set(some).isdisjoint(others)


def _overflow_targets(queue: QueueSource) -> set[str]:
    rules = queue.overflow or ()
    return {r.to.queue for r in rules if isinstance(r.to, ToSource) and r.to.queue is not None}


def find_cycles(targets: dict[str, list[str]]) -> list[list[str]]:
    """One cycle for each group of queues that overflow in a circle, longer than one queue.

    Depth first with an own stack: a long chain of queues cannot exhaust Python's.
    """
    done: set[str] = set()
    cycles = []
    for start in targets:
        trail: dict[str, None] = {}
        stack: list[tuple[str, bool]] = [(start, False)]
        while stack:
            queue, leaving = stack.pop()
            if leaving:
                trail.pop(queue)
                done.add(queue)
            elif queue in trail:
                listed = list(trail)
                cycle = listed[listed.index(queue) :]
                if len(cycle) > 1:
                    cycles.append(cycle)
            elif queue not in done:
                trail[queue] = None
                stack.append((queue, True))
                stack.extend((target, False) for target in targets.get(queue, []))
    return cycles
