import re

import pytest

from cti_adapters.asterisk.dialplan import dialplan
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import UNDER_CONTROL

LINE = re.compile(r"(exten => [^,]+,1,|( same => n,)).+")


def takes(text, extension):
    """What the first priority of the extension does, exact names before patterns."""
    named = re.findall(r"^exten => ([^,]+),1,(.+)$", text, re.MULTILINE)
    exact = [does for name, does in named if name == extension]
    patterns = [does for name, does in named if name.startswith("_") and fits(name[1:], extension)]
    return (exact + patterns + [""])[0]


def fits(pattern, extension):
    """As Asterisk reads a pattern: ``[..]`` is one of these, ``.`` one or more of anything."""
    return re.fullmatch(pattern[:-1] + ".+" if pattern.endswith(".") else pattern, extension)


@pytest.mark.parametrize(
    "extension", ["100", "+441632960001", "5", "line", "main-line", UNDER_CONTROL, "X1"]
)
def test_calls_wait_for_commands(extension):
    assert takes(dialplan(PbxSettings()), extension) == "AGI(agi:async)"


@pytest.mark.parametrize("extension", ["failed", "h", "i", "t", "s", "*1", "#"])
def test_what_asterisk_itself_calls_is_left_alone(extension):
    """Nobody is on the line of ``failed``; ``h`` is run when a channel is hung up."""
    assert takes(dialplan(PbxSettings()), extension) in ("", "Hangup()")


@pytest.mark.parametrize("freepbx", [False, True])
def test_it_is_a_context_of_the_name_in_the_settings(freepbx):
    text = dialplan(PbxSettings(context="router-calls"), freepbx=freepbx)
    assert text.count("[router-calls]\n") == 1
    assert "Goto(router-calls,${EXTEN},1)" in text
    assert ("extensions_custom.conf" in text) is freepbx
    written = [line for line in text.splitlines() if line and line[0] not in ";["]
    assert all(LINE.fullmatch(line) for line in written)
