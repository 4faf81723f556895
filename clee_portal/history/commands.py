"""What a command of the command line changes is noted in the history with its name, and who gave it."""

import getpass
import os

from django.core.management.base import BaseCommand

from clee_portal import history


class NotedCommand(BaseCommand):
    """Base of every command that writes evidence."""

    def execute(self, *args, **options):
        """Do it, with its name and the account of the operating system in the context of every version written."""
        with history.noted(command=type(self).__module__.rpartition(".")[2], account=account()):
            return super().execute(*args, **options)


def account() -> str:
    """Whose shell this is; behind sudo the person, and as whom: `anna as clee`. The number where it has no name, as in
    a container."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    person = os.environ.get("SUDO_USER", name)
    return name if person == name else f"{person} as {name}"
