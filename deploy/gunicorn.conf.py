"""The web server: two processes of four threads. What stands on the command line comes before what stands here.

`gunicorn -c deploy/gunicorn.conf.py clee_portal.wsgi`, from the folder of the checkout.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from clee_portal.operation import logs

worker_class = "gthread"
workers = 2
threads = 4
bind = "127.0.0.1:8000"
control_socket_disable = True
# One that is told to stop has so long to answer what it was asked; then the next takes over.
graceful_timeout = 30
timeout = 120
_format = "plain" if {"CLEE_EMBEDDED", "CLEE_TESTING"} & set(os.environ) else "json"  # as in the settings
logconfig_dict = logs.configuration(
    level=os.environ.get("LOG_LEVEL", "WARNING"), as_json=os.environ.get("LOG_FORMAT", _format) == "json"
)
logconfig_dict["loggers"]["gunicorn.error"] = {"level": "INFO", "propagate": True}

# The processes count into files of one folder, so that whichever is asked for the measures tells those of all.
_counted = os.environ.get("PROMETHEUS_MULTIPROC_DIR") or tempfile.mkdtemp(prefix="clee-metrics-")
os.environ["PROMETHEUS_MULTIPROC_DIR"] = _counted


def child_exit(server, worker):
    """What a process that ended had at work is no longer counted; what it had counted stays."""
    from prometheus_client import multiprocess  # after the folder is named

    multiprocess.mark_process_dead(worker.pid)


def on_exit(server):
    """The counts end with the server."""
    shutil.rmtree(_counted, ignore_errors=True)
