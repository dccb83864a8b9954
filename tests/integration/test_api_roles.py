"""Four identities against every operation: exactly what the table says, and nothing else."""

from typing import Any

import pytest

from server.app import api_routes
from server.asyncapi import SOCKETS
from server.roles import OPERATIONS, OWN, Role, may, only_own

BODIES: dict[str, Any] = {
    "sign_in": {"user": "nobody", "password": "not the right one"},
    "reprioritise_contact": {"boost_seconds": 10},
    "reassign_contact": {"agent": "ben"},
    "pull_contact": {"agent": "ben"},
    "move_contact": {"queue": "help"},
    "set_contact_customer": {"customer": None},
    "listen_to_contact": {"mode": "whisper"},
    "set_contact_recording": {"recording": "paused"},
    "set_agent_state": {"state": "ready"},
    "lend_agent_skills": {"skills": {"english": 3}},
    "create_customer": {"name": "María"},
    "update_customer": {"name": "María"},
    "link_customer_identity": {"kind": "phone", "value": "+441632960001"},
    "unlink_customer_identity": {"kind": "phone", "value": "+441632960001"},
    "add_customer_note": {"text": "called"},
    "check_catalog": {"source": "x"},
    "publish_catalog": {"source": "x"},
    "revert_catalog": {"version": 99},
    "save_catalog_draft": {"source": "x"},
    "read_catalog": {"source": "x"},
    "edit_catalog": {"source": "x"},
    "compare_catalogs": {"before": "x", "after": "x"},
    "start_simulated_call": {},
    "save_flow_draft": {"document": {"flow": "main"}},
    "check_flow": {"document": {}},
    "try_flow": {"document": {}, "conversation": {}},
    "rehearse_flow": {"document": {}},
    "compare_flows": {"before": {}, "after": {}},
    "import_flow": {"source": "x"},
    "export_flow": {"document": {}},
    "publish_flow": {"document": {"flow": "main"}},
    "point_flow_alias": {"version": 1},
    "save_mail_draft": {"draft": None},
    "send_mail": {"text": "Here you are."},
    "note_on_mail": {"text": "Ask Ben."},
    "leave_chat_question": {
        "id": "question-0123456789",
        "entry_point": "website",
        "address": "maria@example.org",
        "text": "When do you open?",
    },
    "mail_chat_transcript": {"address": "maria@example.org"},
    "write_chat_letter": {"to": "maria@example.org", "text": "Here you are."},
    "rename_prompt_recording": {"label": "Welcome"},
    "restore_prompt_recording": {"version": 1},
}
PARTS = {
    "{contact}": "call-1",
    "{queue}": "help",
    "{agent}": "ben",
    "{customer}": "none",
    "{offer}": "none",
    "{name}": "none.wav",
    "{flow}": "main",
    "{version}": "1",
    "{alias}": "live",
    "{mail}": "0" * 64,
    "{message}": "0" * 32,
    "{hook}": "none",
    "{sha256}": "0" * 64,
    "{recording}": "welcome",
    "{language}": "en",
    "{page}": "1",
}


def operations() -> list[tuple[str, str, str]]:
    """(name, method, path) of every operation of the API."""
    found = []
    for route in api_routes():
        path = route.path
        for part, value in PARTS.items():
            path = path.replace(part, value)
        found += [(route.name, method, path) for method in route.methods]
    return found


def test_every_route_and_socket_is_in_the_table_and_the_other_way_round(centre):
    routes = {name for name, _, _ in operations()}
    sockets = {f"{socket.name.lower()}_socket" for socket in SOCKETS}  # served beside the routes
    assert routes | sockets == set(OPERATIONS)


@pytest.mark.parametrize("identity", ["nobody", "agent", "supervisor", "admin"])
async def test_the_table_is_what_is_enforced(centre, identity):
    await centre.call("call-1")
    roles = frozenset() if identity == "nobody" else frozenset({Role(identity)})
    for name, method, path in operations():
        if name == "sign_out":
            continue
        client = centre.client() if identity == "nobody" else await centre.signed_in(identity)
        headers = {"If-Match": '"1"'}
        body = BODIES.get(name)
        response = await client.request(method, path, json=body, headers=headers)
        code = response.json()["error"]["code"] if response.status_code >= 400 else ""
        seen = (identity, name, response.status_code, code)
        if may(name, roles):
            refused = code in {"not_signed_in", "not_allowed"}
            assert not refused, seen
            assert response.status_code < 500, seen
            if name in OWN and identity == "agent":
                assert code == "not_yours", seen
        elif identity == "nobody":
            assert (response.status_code, code) == (401, "not_signed_in"), seen
        else:
            assert (response.status_code, code) == (403, "not_allowed"), seen


async def test_an_agent_may_see_a_contact_while_it_is_theirs(centre):
    await centre.ready("ann")
    await centre.call("call-1")
    client = await centre.signed_in("agent")
    offered = await client.get("/api/v1/contacts/call-1")
    await centre.accept("call-1", "ann")
    held = await client.get("/api/v1/contacts/call-1/explanation")
    timeline = await client.get("/api/v1/contacts/call-1/timeline")
    assert (offered.status_code, held.status_code, timeline.status_code) == (200, 200, 200)


async def test_agents_cannot_find_out_which_contacts_exist(centre):
    await centre.call("call-1")
    client = await centre.signed_in("agent")
    real = await client.get("/api/v1/contacts/call-1")
    invented = await client.get("/api/v1/contacts/call-2")
    assert (real.status_code, real.content) == (invented.status_code, invented.content)


async def test_a_user_with_two_roles_may_what_either_may(centre):
    both = frozenset({Role.AGENT, Role.SUPERVISOR})
    assert may("desk_socket", both)
    assert may("reassign_contact", both)
    assert not may("publish_catalog", both)


def test_a_role_that_does_not_open_an_operation_does_not_widen_it():
    both = frozenset({Role.AGENT, Role.ADMIN})
    assert only_own("set_contact_customer", both)
    assert not only_own("show_contact", both)
    assert not only_own("set_contact_customer", both | {Role.SUPERVISOR})
