"""Whether a look-up sends and takes what its connector takes and gives."""

from __future__ import annotations

from config.problems import suggest
from ivr.core.asking import whole_field
from ivr.core.nodes import LookUp
from ivr.core.problems import quoted
from ivr.core.scope import Scope, Signature


def check_connector(scope: Scope, key: str, node: LookUp) -> None:
    signature = scope.known.signatures.get(node.connector)
    if signature is not None:
        _check_parameters(scope, key, node, signature)
        _check_answer(scope, key, node, signature)


def _check_parameters(scope: Scope, key: str, node: LookUp, signature: Signature) -> None:
    for name in signature.needs:
        if name not in node.parameters:
            what = f"the connector needs the parameter {quoted(name)}"
            scope.add(key, ("parameters",), what, f"add '{name}: …'")
    for name, text in node.parameters.items():
        inside = ("parameters", name)
        if name not in signature.takes:
            fix = suggest(name, signature.takes, otherwise=_one_of(signature.takes))
            scope.add(key, inside, f"the connector takes no parameter {quoted(name)}", fix)
        elif name in signature.shows and whole_field(text) in scope.secrets:
            what = "this secret would be in an address, which other systems write down"
            scope.warn(key, inside, what, "let the connector send it in its body")


def _check_answer(scope: Scope, key: str, node: LookUp, signature: Signature) -> None:
    for name, field in node.take.items():
        if field not in signature.gives:
            fix = suggest(field, signature.gives, otherwise=_one_of(signature.gives))
            what = f"the connector's answer has no field {quoted(field)}"
            scope.add(key, ("take", name), what, fix)


def _one_of(names: tuple[str, ...]) -> str:
    return f"write one of: {', '.join(names)}" if names else "remove it: there are none"
