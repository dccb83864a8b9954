"""What becomes of an action, or of a connection, when Asterisk does not do as it is asked."""

from __future__ import annotations

from typing import Final

from cti_adapters.asterisk.ami.codec import Message
from router.text import one_line

MAX_REASON: Final = 200


class LoginRefused(Exception):
    """The PBX does not let this user in; to try again at once is pointless."""


class Unreachable(Exception):
    """No connection could be made; the text says what to look at."""


class AmiDown(Exception):
    """There is no connection, or it was cut before the answer: the action may have taken effect."""


class ActionTimedOut(Exception):
    """No answer in time, though the connection stands: the action may have taken effect."""


class ActionFailed(Exception):
    """Asterisk answered with an error: ``message``. The action has no effect."""

    def __init__(self, action: str, message: Message) -> None:
        self.action = action
        self.message = message
        super().__init__(f"Asterisk refuses {action}: {self.reason}")

    @property
    def reason(self) -> str:
        """In Asterisk's words."""
        return one_line(self.message.get("Message"))[:MAX_REASON]
