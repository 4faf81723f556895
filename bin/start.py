"""Where bin/run, bin/test, bin/scan and bin/manage meet: hands over to the command and prints what stopped it.

Everything here and in `bootstrap` uses the standard library only, since it runs before anything is installed.
"""

import sys

from bootstrap import manage, run, scan, testing
from bootstrap.messages import Interrupted, Stop
from bootstrap.places import belongs_to_another
from bootstrap.processes import listen_for_the_end

COMMANDS = {"run": run.main, "test": testing.main, "manage": manage.main, "scan": scan.main}


def main() -> int:
    """Runs the command named first on the command line and returns its exit code."""
    listen_for_the_end()
    try:
        return COMMANDS[sys.argv[1]](sys.argv[2:])
    except Stop as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except PermissionError as refused:
        if refused.filename is None:
            raise
        print(f"\n{belongs_to_another(refused.filename)}", file=sys.stderr)
        return 1
    except (Interrupted, KeyboardInterrupt):
        print("\nStopped.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
