"""The few lines an admin adds to the dialplan, so that calls come to the router."""

from __future__ import annotations

from cti_adapters.asterisk.settings import PbxSettings

_CONTEXT = """\
; Patchbay: every call that comes here waits for the router's commands.
; Send calls to an entry point by its name:  Goto({context},ENTRY-POINT,1)
; or by the number that was dialled:         Goto({context},${{EXTEN}},1)
[{context}]
exten => _[+0-9a-zA-Z].,1,AGI(agi:async)
 same => n,Hangup()
exten => _[0-9],1,AGI(agi:async)
 same => n,Hangup()
; Asterisk goes here with calls that it could not make; nobody is on the line.
exten => failed,1,Hangup()
"""

_FREEPBX = """\
; FreePBX: put this into /etc/asterisk/extensions_custom.conf, and make a Custom Destination
; {context},ENTRY-POINT,1 for each entry point: inbound routes can then be sent there.
"""


def dialplan(settings: PbxSettings, *, freepbx: bool = False) -> str:
    """For ``extensions.conf``, or for FreePBX's file of custom contexts."""
    text = _CONTEXT.format(context=settings.context)
    return _FREEPBX.format(context=settings.context) + text if freepbx else text
