"""What is right about a telephone system and what it lacks, in plain sentences.

Asked through the manager's connection itself, with the rights that the channel has anyway: nothing
is called and nothing is changed, but for an empty file in the folder of recordings meanwhile.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Final, Literal, Protocol

import msgspec

from cti_adapters.asterisk.ami.codec import Header, Message
from cti_adapters.asterisk.ami.errors import ActionFailed
from cti_adapters.asterisk.provisioning import NEEDED, WRITE, PhoneUser, phone_users
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.speech import PROGRAM
from router.core.catalog import Catalog

OLDEST: Final = 20
TESTED: Final = 22
MOST_NAMES: Final = 10
_TRIAL: Final = "patchbay-check-"
_DANGEROUS: Final = frozenset({"system", "command", "config"})

Verdict = Literal["right", "missing", "unknown"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """``sentence`` says what there is, or what to do."""

    verdict: Verdict
    sentence: str


class Asked(Protocol):
    """``ami.client.AmiClient``, connected."""

    async def send(self, action: str, headers: Iterable[Header] = ()) -> Message: ...

    async def send_list(self, action: str, headers: Iterable[Header] = ()) -> list[Message]: ...


async def examine(
    settings: PbxSettings, manager: Asked, catalog: Catalog | None
) -> AsyncIterator[Finding]:
    """One after the other, as they are found. Raises what ``send`` raises, but ``ActionFailed``."""
    yield await _version(manager)
    for finding in await _privileges(manager):
        yield finding
    yield await _context(settings, manager)
    if catalog is not None:
        for finding in await _phones(settings, manager, catalog):
            yield finding
    if settings.trunk:
        yield await _trunk(settings, manager)
    for finding in await _sounds(settings, manager):
        yield finding
    for finding in await _recordings(settings, manager):
        yield finding


def _right(sentence: str) -> Finding:
    return Finding(verdict="right", sentence=sentence)


def _missing(sentence: str) -> Finding:
    return Finding(verdict="missing", sentence=sentence)


def _unknown(sentence: str) -> Finding:
    return Finding(verdict="unknown", sentence=sentence)


# -- Asterisk itself ----------------------------------------------------------------------------


async def _version(manager: Asked) -> Finding:
    try:
        written = (await manager.send("CoreSettings")).get("AsteriskVersion")
    except ActionFailed:
        return _missing("The manager's user may not ask for the version: give it 'reporting'.")
    found = re.match(r"([0-9]{1,3})\.", written)
    if found is None:
        return _unknown(f"Its version is {written[:40]!r}; Patchbay is tested with {TESTED}.")
    if int(found[1]) < OLDEST:
        return _missing(f"Asterisk {written[:40]} is too old: Patchbay needs {OLDEST} or newer.")
    return _right(f"Asterisk {written[:40]} let the user of the manager in.")


async def _privileges(manager: Asked) -> list[Finding]:
    """``ListCommands`` lists what the user may do, with the rights that each needs."""
    allowed = await manager.send("ListCommands")
    names = {key for key, _ in allowed.headers}
    lacking = [action for action in NEEDED if action not in names]
    findings = []
    if lacking:
        findings.append(
            _missing(
                f"The manager's user may not {', '.join(lacking)}: write 'write = "
                f"{','.join(WRITE)}' for it, as `patchbay asterisk manager` prints."
            )
        )
    else:
        findings.append(_right("The manager's user may do everything that is needed."))
    more = sorted(_DANGEROUS & {right for _, text in allowed.headers for right in _only(text)})
    if more:
        findings.append(
            _missing(f"The manager's user may do more than it needs: take away {', '.join(more)}.")
        )
    return findings


def _only(text: str) -> tuple[str, ...]:
    """The right that an action needs, when there is one alone that gives it."""
    found = re.search(r"\(Priv: ([a-z,]+)\)", text)
    rights = tuple(right for right in found[1].split(",") if right != "all") if found else ()
    return rights if len(rights) == 1 else ()


async def _context(settings: PbxSettings, manager: Asked) -> Finding:
    name = settings.context
    advice = "add what `patchbay asterisk dialplan` prints, and reload the dialplan"
    try:
        lines = await manager.send_list("ShowDialPlan", (("Context", name),))
    except ActionFailed:
        return _missing(f"The dialplan has no context '{name}': {advice}.")
    if not any(
        one.get("Application") == "AGI" and one.get("AppData").startswith("agi:async")
        for one in lines
    ):
        return _missing(f"The context '{name}' gives no call to Patchbay: {advice}.")
    return _right(f"The context '{name}' gives its calls to Patchbay.")


# -- telephones and trunk -----------------------------------------------------------------------


async def _phones(settings: PbxSettings, manager: Asked, catalog: Catalog) -> list[Finding]:
    users = phone_users(settings, catalog)
    states = {user.agent: await _state(manager, user.dialled) for user in users}
    unknown = [user for user in users if states[user.agent] == "INVALID"]
    away = [user for user in users if states[user.agent] == "UNAVAILABLE"]
    known = len(users) - len(unknown)
    findings = [_right(f"{known} of the {len(users)} agents who take calls have a telephone.")]
    if unknown:
        findings.append(
            _missing(
                f"Asterisk knows no telephone of {_listed(unknown)}: add what `patchbay asterisk"
                " phones` prints, or name theirs under 'phones'."
            )
        )
    if away:
        findings.append(_unknown(f"Not registered now, so not rung: {_listed(away)}."))
    without = [
        user
        for user in users
        if user.browser and states[user.agent] != "INVALID" and not await _is_webrtc(manager, user)
    ]
    if without:
        findings.append(
            _missing(f"No browser can be the telephone of {_listed(without)}: add 'webrtc = yes'.")
        )
    return findings


async def _trunk(settings: PbxSettings, manager: Asked) -> Finding:
    endpoint = re.fullmatch(r"PJSIP/\{number\}@([A-Za-z0-9_.-]+)", settings.trunk, re.ASCII)
    if endpoint is None:
        return _unknown(f"Whether {settings.trunk} leads outside cannot be asked.")
    if await _state(manager, f"PJSIP/{endpoint[1]}") == "INVALID":
        return _missing(f"Asterisk knows no endpoint '{endpoint[1]}': correct 'trunk'.")
    return _right(f"Asterisk knows the trunk '{endpoint[1]}'.")


async def _state(manager: Asked, device: str) -> str:
    return await _value(manager, f"DEVICE_STATE({device})")


async def _is_webrtc(manager: Asked, user: PhoneUser) -> bool:
    return await _value(manager, f"PJSIP_ENDPOINT({user.endpoint},webrtc)") == "yes"


async def _value(manager: Asked, function: str) -> str:
    """What a dialplan function gives; nothing when it may not be asked for."""
    try:
        return (await manager.send("Getvar", (("Variable", function),))).get("Value")
    except ActionFailed:
        return ""


def _listed(users: list[PhoneUser]) -> str:
    names = [user.agent for user in users[:MOST_NAMES]]
    more = len(users) - len(names)
    return ", ".join(names) + (f" and {more} more" if more else "")


# -- sounds and recordings ----------------------------------------------------------------------


async def _sounds(settings: PbxSettings, manager: Asked) -> list[Finding]:
    if settings.sounds is None:
        return [_unknown("Nothing is spoken to callers: there is no folder 'sounds'.")]
    findings = [_writable(settings.sounds)]
    if shutil.which(PROGRAM) is None:
        findings.append(_missing(f"Words are not spoken without {PROGRAM}: install it."))
    there = settings.sounds_there or settings.sounds.as_posix()
    match await _value(manager, f"STAT(e,{there})"):
        case "1":
            findings.append(_right(f"Asterisk sees the folder {there}."))
        case "0":
            findings.append(_missing(f"Asterisk sees no folder {there}: correct 'sounds_there'."))
        case _:
            findings.append(_unknown(f"Asterisk does not say whether it sees {there}."))
    return findings


async def _recordings(settings: PbxSettings, manager: Asked) -> list[Finding]:
    """Both sides write there: Asterisk what is said, Patchbay renames what it has brought in."""
    folder = settings.recordings
    if folder is None:
        return [_unknown("Nothing is recorded, messages neither: there is no folder 'recordings'.")]
    if not folder.is_dir():
        return [_missing(f"There is no folder {folder}: make it, or correct 'recordings'.")]
    if not _may_rename(folder):
        return [
            _missing(
                f"Patchbay may not rename Asterisk's files in {folder}: take its sticky bit away."
            )
        ]
    there = settings.recordings_there or folder.as_posix()
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=_TRIAL) as trial:
            seen = await _value(manager, f"STAT(e,{there}/{Path(trial.name).name})")
    except OSError as error:
        why = error.strerror or type(error).__name__
        return [_missing(f"Patchbay cannot write into {folder} ({why}): give it the right.")]
    return [_right(f"Patchbay can write into {folder}."), _seen_there(seen, there)]


def _may_rename(folder: Path) -> bool:
    """What belongs to another user, as Asterisk's files do when it is not Patchbay's."""
    there = folder.stat()
    return not there.st_mode & stat.S_ISVTX or os.geteuid() in (0, there.st_uid)


def _seen_there(seen: str, there: str) -> Finding:
    """Whether Asterisk may write there nobody can ask it."""
    match seen:
        case "1":
            return _unknown(
                f"Asterisk sees the same folder as {there}; whether it may write there shows with"
                " the first recording, and /readyz warns if that is missing."
            )
        case "0":
            return _missing(
                f"Asterisk sees another folder as {there}, or none: correct 'recordings_there'."
            )
        case _:
            return _unknown(
                f"Whether Asterisk sees {there} and may write there shows with the first recording,"
                " and /readyz warns if that is missing."
            )


def _writable(folder: Path) -> Finding:
    place = folder if folder.exists() else folder.parent
    if place.is_dir() and os.access(place, os.W_OK | os.X_OK):
        return _right(f"Prompts can be kept in {folder}.")
    return _missing(f"Nothing can be written into {folder}: make it, and give Patchbay the right.")
