import json
from pathlib import Path
from typing import Any

from server import asyncapi

STORED = Path(__file__).parents[3] / "docs" / "asyncapi.json"


def refs(node: Any) -> list[str]:
    if isinstance(node, dict):
        own = [node["$ref"]] if "$ref" in node else []
        return own + [ref for value in node.values() for ref in refs(value)]
    if isinstance(node, list):
        return [ref for value in node for ref in refs(value)]
    return []


def test_the_stored_document_is_the_one_the_code_makes() -> None:
    assert STORED.read_text(encoding="utf-8") == asyncapi.text(), (
        "run `patchbay asyncapi > docs/asyncapi.json`"
    )


def test_every_reference_leads_somewhere() -> None:
    document = asyncapi.document()
    for ref in refs(document):
        node = document
        for part in ref.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_every_message_of_every_socket_is_described_with_its_wire_name() -> None:
    document = asyncapi.document()
    messages = document["components"]["messages"]
    assert messages["DeskOfferMade"]["name"] == "offer_made"
    assert messages["BoardRowsChanged"]["name"] == "rows_changed"
    assert messages["ChatStartChat"]["name"] == "start_chat"
    for message in messages.values():
        schema = document["components"]["schemas"][message["payload"]["$ref"].split("/")[-1]]
        assert schema["properties"]["type"]["enum"] == [message["name"]]


def test_sockets_with_messages_of_one_name_do_not_overwrite_each_other() -> None:
    schemas = asyncapi.document()["components"]["schemas"]
    assert "position" not in schemas["DeskWaiting"]["properties"]
    assert {"DeskPing", "BoardPing", "ChatPing"} <= schemas.keys()
    assert "id" in schemas["DeskPing"]["properties"]
    assert "id" not in schemas["BoardPing"]["properties"]


def test_the_document_is_plain_json() -> None:
    assert json.loads(asyncapi.text()) == asyncapi.document()
