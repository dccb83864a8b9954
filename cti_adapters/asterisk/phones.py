"""Whether each agent's telephone can be rung, from the device states Asterisk reports. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.settings import PbxSettings

NOT_REGISTERED = "phone not registered"
PRIVATE_CALL = "busy with a private call"

MOST_DEVICES = 100_000
_UNREACHABLE = frozenset({"UNAVAILABLE", "INVALID"})
_IN_USE = frozenset({"INUSE", "BUSY", "ONHOLD", "RINGINUSE"})


class Phones:
    """The last state of every device that is an agent's telephone.

    ``known`` is whether all of them were listed, and changes are told since: without a connection
    nothing is known.
    """

    def __init__(self, settings: PbxSettings) -> None:
        self.known = False
        self._settings = settings
        self._states: dict[str, str] = {}  # device to state
        self._changed: dict[str, str] = {}  # the same, since a list was asked for
        self._agents: Mapping[str, str] = {}  # device to agent

    def serve(self, agents: Iterable[str]) -> None:
        """Whose telephones to look at: the catalog's agents."""
        self._agents = {self._settings.phone_of(agent): agent for agent in agents}

    def begin_list(self) -> None:
        """A list of all devices is about to be asked for."""
        self._changed = {}

    def take_stock(self, listed: Iterable[Message]) -> None:
        """Start anew from a list of ``DeviceStateChange`` events. What was heard since it was asked
        for counts more: if it is older than the list, what came between is about to be heard.
        """
        changed, self._states = self._changed, {}
        for message in listed:
            self._note(self._states, message)
        self._states |= changed
        self.known = True

    def forget(self) -> None:
        """The connection is lost: what was known holds no more."""
        self.known, self._states = False, {}

    def hear(self, message: Message) -> str | None:
        """The agent whose telephone a ``DeviceStateChange`` is about, None for all others."""
        self._note(self._states, message)
        self._note(self._changed, message)
        return self._agents.get(message.get("Device"))

    def _note(self, states: dict[str, str], message: Message) -> None:
        """Also of what is nobody's telephone: an agent may come to it later."""
        device = message.get("Device")
        if device in states or len(states) < MOST_DEVICES:
            states[device] = message.get("State")

    def why_not(self, agent: str, *, in_use_for_us: bool) -> str:
        """Why the agent's telephone may not be rung; empty when it may, or nothing is known."""
        state = self._states.get(self._settings.phone_of(agent), "")
        if state in _UNREACHABLE:
            return NOT_REGISTERED
        return PRIVATE_CALL if state in _IN_USE and not in_use_for_us else ""
