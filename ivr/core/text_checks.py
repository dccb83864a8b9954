"""Whether what a node says can be said: in every language of the flow, with fields that exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.problems import Path, suggest
from ivr.core.facts import VOICE
from ivr.core.nodes import (
    Branch,
    CheckHours,
    Collect,
    Flow,
    HangUp,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Return,
    Say,
    SetValues,
    Split,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.problems import quoted
from ivr.core.rendering import SOUND, fields_in
from ivr.core.scope import Scope
from ivr.core.values import Spoken, primary

Prompt = Mapping[str, Spoken]

LONGEST_HEARD = 1_500  # letters, which take about two minutes to say
_IDEOGRAPHS = "\u2e80"  # from here on


def recordings_of(flow: Flow) -> frozenset[tuple[str, str]]:
    """The names of the recordings that ``flow`` says, with the languages it says them in."""
    prompts = (prompt for node in flow.nodes.values() for _, prompt in prompts_of(node))
    return frozenset(
        (spoken.audio, language)
        for prompt in prompts
        for language, spoken in prompt.items()
        if spoken.audio
    )


def check_texts(scope: Scope, key: str, node: Node) -> None:
    for inside, prompt in prompts_of(node):
        _check_prompt(scope, key, inside, prompt)
    for inside, words in _words(node):
        _check_words(scope, key, inside, words)
    if isinstance(node, Say | Menu | Collect | OfferCallback) and not node.say:
        scope.add(key, ("say",), "it says nothing", "write what is said, in every language")


def prompts_of(node: Node) -> Iterator[tuple[Path, Prompt]]:
    """Everything that ``node`` may say, with where it stands in it."""
    match node:
        case Menu() | Collect() | OfferCallback():
            yield ("say",), node.say
            yield ("on_silence", "say"), node.on_silence.say
            yield ("on_invalid", "say"), node.on_invalid.say
            if isinstance(node, OfferCallback):
                yield ("promised",), node.promised
        case ToQueue():
            yield ("say",), node.say
            for number, one in enumerate(node.announcements or ()):
                yield ("announcements", number, "say"), one.say
        case Say() | Identify() | LookUp() | Voicemail() | TransferOut() | HangUp():
            yield ("say",), node.say
        case CheckHours() | Branch() | SetValues() | Split() | SubFlow() | Return():
            pass


def _words(node: Node) -> Iterator[tuple[Path, Mapping[str, str]]]:
    match node:
        case Menu():
            for one, words in node.choices.items():
                yield ("choices", one), words
        case OfferCallback():
            yield ("accept_words",), node.accept_words
            yield ("decline_words",), node.decline_words
        case _:
            pass


def _check_prompt(scope: Scope, key: str, inside: Path, prompt: Prompt) -> None:
    if not prompt:
        return
    for language in scope.flow.languages:
        spoken = prompt.get(language)
        if spoken is None or not (spoken.text.strip() or spoken.audio):
            what = f"nothing is said in {language}"
            scope.add(key, inside, what, f"add what is said in {language}")
    for language, spoken in prompt.items():
        here = (*inside, language)
        if language not in scope.languages:
            fix = f"add {language} to the flow's languages or remove it"
            scope.warn(key, here, f"the flow does not speak {language}", fix)
        if spoken.audio:
            _check_recording(scope, key, here, language, spoken)
        if spoken.audio and not spoken.text.strip():
            fix = "add what it says as 'text'"
            scope.warn(key, here, "in a chat nothing is shown for this recording", fix)
        if not spoken.audio and _is_heard(scope) and _length(spoken.text) > LONGEST_HEARD:
            what = "a caller hears this for minutes"
            scope.warn(key, here, what, "say less, or let a recording say it")
        if spoken.text.startswith(SOUND):
            fix = "name the recording as 'audio'"
            scope.add(key, here, f"a text cannot begin with '{SOUND}'", fix)
        check_fields(scope, key, here, spoken.text)


def _is_heard(scope: Scope) -> bool:
    """Whether a call may come into this flow, as far as anybody knows."""
    coming = scope.known.channels.get(scope.flow.id, (VOICE,))
    return VOICE in coming


def _length(text: str) -> int:
    """In letters: one of Chinese, Japanese or Korean takes about as long to say as three."""
    return sum(3 if character >= _IDEOGRAPHS else 1 for character in text)


def _check_recording(scope: Scope, key: str, inside: Path, language: str, spoken: Spoken) -> None:
    """Without one the text is spoken; without either nothing would be heard."""
    known, name = scope.known.recordings, spoken.audio or ""
    if known is None:
        return
    if name not in known:
        if not spoken.text.strip():
            scope.refer(key, inside, "recording", name, known)
        else:
            fix = suggest(name, sorted(known), otherwise="upload it, or its text is spoken")
            scope.warn(key, inside, f"there is no recording {quoted(name)}", fix)
    elif not any(primary(one) == primary(language) for one in known[name]):
        what = f"the recording {quoted(name)} is not there in {language}"
        scope.warn(key, inside, what, f"record it in {language}, or its text is spoken")


def _check_words(scope: Scope, key: str, inside: Path, words: Mapping[str, str]) -> None:
    missing = [one for one in scope.flow.languages if not words.get(one, "").strip()]
    if missing:
        what = f"this button has no words in {', '.join(missing)}"
        scope.warn(key, inside, what, "add them: in a chat only its key would be shown")


def check_fields(scope: Scope, key: str, inside: Path, text: str) -> None:
    """The fields in ``text`` exist, and none would show a secret."""
    if "{" not in text:
        return
    for name in fields_in(text):
        if name in scope.secrets:
            what = f"{quoted(name)} is a secret, and only its mask would be shown"
            scope.warn(key, inside, what, "leave it out; only a look-up gets it")
        elif name not in scope.fields and not scope.calls:
            otherwise = "collect, look up or set it first"
            fix = suggest(name, sorted(scope.fields), otherwise=otherwise)
            scope.warn(key, inside, f"nothing in this flow gives {quoted(name)}", fix)
