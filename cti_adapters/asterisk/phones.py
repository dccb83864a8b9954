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
    """The last state of every device that is an agent's telephone."""

    def __init__(self, settings: PbxSettings) -> None:
        self._settings = settings
        self._states: dict[str, str] = {}  # device to state
        self._agents: Mapping[str, str] = {}  # device to agent

    def serve(self, agents: Iterable[str]) -> None:
        """Whose telephones to look at: the catalog's agents."""
        self._agents = {self._settings.phone_of(agent): agent for agent in agents}

    def hear(self, message: Message) -> str | None:
        """The agent whose telephone a ``DeviceStateChange`` is about, None for all others."""
        device = message.get("Device")
        if device in self._states or len(self._states) < MOST_DEVICES:
            self._states[device] = message.get("State")  # an agent may come to it later
        return self._agents.get(device)

    def why_not(self, agent: str, *, in_use_for_us: bool) -> str:
        """Why the agent's telephone may not be rung; empty when it may, or nothing is known."""
        state = self._states.get(self._settings.phone_of(agent), "")
        if state in _UNREACHABLE:
            return NOT_REGISTERED
        return PRIVATE_CALL if state in _IN_USE and not in_use_for_us else ""
