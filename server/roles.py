"""Who may do what: the one table of operations and the roles that may use them.

Operations are named as in the OpenAPI document (``operationId``); the websockets are in the same
table. A route that is missing here cannot be built. ``OWN`` marks what an agent may do only to a
contact that is theirs (offered to them, in their hands, or being written up by them).
"""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


ALL_ROLES = frozenset(Role)
AGENTS = frozenset({Role.AGENT})
DESKS = frozenset({Role.AGENT, Role.SUPERVISOR})
SUPERVISORS = frozenset({Role.SUPERVISOR})
WATCHERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})

PUBLIC: frozenset[Role] | None = None  # no sign-in needed

OPERATIONS: dict[str, frozenset[Role] | None] = {
    # the service itself
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # sessions
    "sign_in": PUBLIC,
    "show_session": ALL_ROLES,
    "sign_out": ALL_ROLES,
    "show_phone": AGENTS,
    # the desk
    "list_canned_replies": AGENTS,
    # queues
    "list_waiting_contacts": WATCHERS,
    "show_queue_figures": WATCHERS,
    # contacts
    "show_contact": ALL_ROLES,
    "explain_contact": ALL_ROLES,
    "show_contact_timeline": ALL_ROLES,
    "explain_offer": ALL_ROLES,
    "set_contact_customer": DESKS,
    "reprioritise_contact": SUPERVISORS,
    "reassign_contact": SUPERVISORS,
    "pull_contact": SUPERVISORS,
    "move_contact": SUPERVISORS,
    "end_contact": SUPERVISORS,
    # calls
    "listen_to_contact": SUPERVISORS,
    "set_contact_recording": DESKS,
    "play_contact_recording": DESKS,
    "play_recording": SUPERVISORS,
    "show_document": DESKS,
    "show_document_page": DESKS,
    # files of chats
    "allow_chat_file": PUBLIC,
    "allow_chat_files": PUBLIC,
    "send_chat_file": PUBLIC,
    "load_chat_file": PUBLIC,
    "attach_chat_file": AGENTS,
    "download_chat_file": DESKS,
    # chats by mail
    "allow_chat_transcript": PUBLIC,
    "mail_chat_transcript": PUBLIC,
    "allow_chat_question": PUBLIC,
    "leave_chat_question": PUBLIC,
    "show_chat_letters": AGENTS,
    "write_chat_letter": AGENTS,
    # mails
    "show_mail": ALL_ROLES,
    "show_mail_page": ALL_ROLES,
    "show_sent_mail": ALL_ROLES,
    "save_mail_draft": AGENTS,
    "send_mail": AGENTS,
    "note_on_mail": AGENTS,
    "take_back_mail": AGENTS,
    "send_mail_again": AGENTS,
    "attach_file": AGENTS,
    "download_mail_file": DESKS,
    "list_mailboxes": WATCHERS,
    "list_mails_apart": WATCHERS,
    "release_mail": WATCHERS,
    # webhooks
    "receive_hook": PUBLIC,
    "confirm_hook": PUBLIC,
    "list_undelivered": ADMINS,
    "replay_undelivered": ADMINS,
    "discard_undelivered": ADMINS,
    # agents
    "set_agent_state": SUPERVISORS,
    "lend_agent_skills": SUPERVISORS,
    # customers
    "search_customers": DESKS,
    "create_customer": DESKS,
    "show_customer": DESKS,
    "update_customer": DESKS,
    "link_customer_identity": DESKS,
    "unlink_customer_identity": DESKS,
    "add_customer_note": DESKS,
    "show_past_transcript": DESKS,
    # catalog
    "show_catalog": WATCHERS,
    "list_catalog_versions": WATCHERS,
    "check_catalog": ADMINS,
    "publish_catalog": ADMINS,
    "revert_catalog": ADMINS,
    "show_catalog_schema": ADMINS,
    "show_catalog_draft": ADMINS,
    "save_catalog_draft": ADMINS,
    "discard_catalog_draft": ADMINS,
    "read_catalog": ADMINS,
    "edit_catalog": ADMINS,
    "compare_catalogs": ADMINS,
    "show_catalog_version": WATCHERS,
    # flows
    "list_flows": WATCHERS,
    "show_flow_schema": ADMINS,
    "show_known_names": ADMINS,
    "show_flow": WATCHERS,
    "show_flow_version": WATCHERS,
    "show_flow_activity": WATCHERS,
    "save_flow_draft": ADMINS,
    "discard_flow_draft": ADMINS,
    "check_flow": ADMINS,
    "try_flow": ADMINS,
    "rehearse_flow": ADMINS,
    "compare_flows": ADMINS,
    "import_flow": ADMINS,
    "export_flow": ADMINS,
    "publish_flow": ADMINS,
    "point_flow_alias": ADMINS,
    # recordings of prompts
    "list_prompt_recordings": ADMINS,
    "show_prompt_recording": ADMINS,
    "play_prompt_recording": ADMINS,
    "upload_prompt_recording": ADMINS,
    "rename_prompt_recording": ADMINS,
    "restore_prompt_recording": ADMINS,
    "delete_prompt_recording": ADMINS,
    # channels
    "start_simulated_call": ALL_ROLES,
    "list_chat_entry_points": PUBLIC,
    # websockets
    "desk_socket": AGENTS,
    "board_socket": WATCHERS,
    "chat_socket": PUBLIC,
}

VISITORS = frozenset({"send_chat_file", "mail_chat_transcript", "leave_chat_question"})
"""What the pages of the sites with the chat may write."""

SIGNED = frozenset({"receive_hook"})
"""Sent by no page: a signature says who asks."""

OWN = frozenset(
    {
        "show_contact",
        "explain_contact",
        "show_contact_timeline",
        "explain_offer",
        "set_contact_customer",
        "set_contact_recording",
        "play_contact_recording",
        "show_document",
        "show_document_page",
        "attach_chat_file",
        "download_chat_file",
        "show_chat_letters",
        "write_chat_letter",
        "show_mail",
        "show_mail_page",
        "show_sent_mail",
        "save_mail_draft",
        "send_mail",
        "note_on_mail",
        "download_mail_file",
    }
)


def may(operation: str, roles: frozenset[Role]) -> bool:
    """Whether somebody with ``roles`` may use ``operation`` (for ``OWN``: on some contact)."""
    allowed = OPERATIONS[operation]
    return allowed is None or not allowed.isdisjoint(roles)


def only_own(operation: str, roles: frozenset[Role]) -> bool:
    """Whether ``operation`` is open to them only for contacts that are theirs.

    That is so when nothing but being an agent opens it: another role of theirs that does not open
    it must not widen it.
    """
    return operation in OWN and (OPERATIONS[operation] or ALL_ROLES) & roles == AGENTS
