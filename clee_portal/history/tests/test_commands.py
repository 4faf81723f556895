"""Whatever a command writes says which command it was, and whose."""

import os

from django.core.management import get_commands, load_command_class

from clee_portal.history.commands import NotedCommand, account

OURS = {"clee_portal", "notifications", "training", "compliance"}
# They write no evidence, or say themselves who did it.
OTHERS = {
    "backup", "check_cases", "check_documents", "check_migrations", "evaluate", "exports", "make_sealing_key",
    "open_sealed", "permissions", "replay_decision", "verify_history",  # read, or write files
    "encrypt_anew",  # accounts, which have no history
    "migrate", "restore",  # as the owner of the tables, whom the database notes by itself
    "expired_evidence",  # two people, in the tombstone
    "seed_demo", "demonstration_accounts", "connect_demonstration",  # invented: told as if its people had done it
}  # fmt: skip


def test_every_command_is_noted_or_named_here():
    ours = {name: app for name, app in get_commands().items() if app.partition(".")[0] in OURS}
    commands = {name: load_command_class(app, name) for name, app in ours.items()}
    assert {name for name, one in commands.items() if not isinstance(one, NotedCommand)} == OTHERS


def test_an_account_without_a_name_is_its_number(monkeypatch):
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME", "SUDO_USER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 1_234_567)
    assert account() == "1234567"
