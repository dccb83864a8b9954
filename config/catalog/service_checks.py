"""Warnings about a catalog that is correct but leaves contacts without what it means for them."""

from __future__ import annotations

from config.catalog.checks import Checker
from config.catalog.staffing import Staffing
from config.problems import Path
from router.core.catalog import Catalog, EntryPoint, Queue, ToVoicemail
from router.core.requirements import SkillAtLeast, Step, describe, skills_named


def check_service(catalog: Catalog, checker: Checker) -> None:
    """Warn of queues, steps and entry points that nobody in ``catalog`` could serve."""
    staffing = Staffing(catalog)
    for key, queue in catalog.queues.items():
        _check_voicemail(("queues", key, "overflow"), queue, catalog, checker)
        serving = staffing.serving(key)
        if not serving:
            checker.warn(
                ("queues", key),
                "no agent serves this queue",
                "add it to a profile that agents have",
            )
            continue
        _check_steps(("queues", key, "steps"), queue.steps, serving, staffing, checker)
    for key, entry in catalog.entry_points.items():
        _check_entry(("entry_points", key), entry, staffing, checker)


def _check_voicemail(path: Path, queue: Queue, catalog: Catalog, checker: Checker) -> None:
    """A message that is left becomes a contact at the entry point that is named like its box."""
    for index, rule in enumerate(queue.overflow):
        if not isinstance(rule.to, ToVoicemail):
            continue
        entry = catalog.entry_points.get(rule.to.box)
        if entry is None or entry.channel != "voicemail":
            checker.warn(
                (*path, index, "to"),
                f"messages left in {rule.to.box!r} come to nobody",
                "add an entry point of this name with 'channel: voicemail'",
            )


def _check_steps(
    path: Path, steps: tuple[Step, ...], serving: int, staffing: Staffing, checker: Checker
) -> None:
    for index, step in enumerate(steps):
        if not staffing.meeting(step.condition) & serving:
            checker.warn(
                (*path, index),
                f"no agent who serves this queue meets '{describe(step.condition)[:120]}'",
                _help(step, serving, staffing),
            )


def _help(step: Step, serving: int, staffing: Staffing) -> str:
    skills = sorted(skills_named(step.condition))
    if isinstance(step.condition, SkillAtLeast) or len(skills) == 1:
        best = staffing.best_level(skills[0], serving)
        return f"their best level of {skills[0]} is {best}" if best else f"nobody has {skills[0]}"
    return "such a step is skipped: ask for less or teach someone"


def _check_entry(path: Path, entry: EntryPoint, staffing: Staffing, checker: Checker) -> None:
    targets = [((*path, "queue"), entry.queue)]
    targets += [((*path, "choices", key), queue) for key, queue in entry.choices.items()]
    for where, queue in targets:
        serving = staffing.serving(queue, entry.channel)
        if staffing.serving(queue) and not serving:
            checker.warn(
                where,
                f"no agent of queue {queue} has capacity for {entry.channel}",
                f"give a profile with this queue a capacity for {entry.channel}",
            )
        elif serving:
            _check_steps((*path, "steps"), entry.steps, serving, staffing, checker)
