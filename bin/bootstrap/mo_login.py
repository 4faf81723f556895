"""The demonstration of MO Login: where it listens and what the portal is told of it; beside the embedded servers."""

import http.client
import os

from . import ports
from .places import Home

FIRST_PORT = 9400
CLIENT_ID = "clee-portal"


class MoLogin:
    """The identity provider of one run of the portal. It is at the same port each time, where that is free: the
    demonstration accounts are connected to it by its address."""

    def __init__(self, home: Home, portal_port: int):
        self.home = home
        self.portal_port = portal_port
        self.port = ports.choose(home.state().get("mo_login", {}).get("port") or FIRST_PORT)
        home.note(mo_login={"port": self.port})

    @property
    def issuer(self) -> str:
        """Its address. Another name than the portal's, so that a browser keeps the two apart as it would real ones."""
        return f"http://{ports.LOOPBACK}:{self.port}"

    def environment(self) -> dict:
        """What the portal and the provider itself have to know."""
        return {
            "MO_LOGIN_ISSUER": self.issuer,
            "MO_LOGIN_CLIENT_ID": CLIENT_ID,
            "MO_LOGIN_CLIENT_SECRET": self.home.secrets()["mo_login"],
            "MO_LOGIN_NAME": "MO Login (demonstration)",
            "DEMONSTRATION_PORTAL": f"http://localhost:{self.portal_port},http://{ports.LOOPBACK}:{self.portal_port}",
        }

    def command(self) -> list[str]:
        """One process: who is signing in is kept in its memory."""
        return (
            "gunicorn clee_portal.demonstration_provider.wsgi:application "
            f"--bind {ports.LOOPBACK}:{self.port} --worker-class gthread --workers 1 --threads 4 --no-control-socket "
            "--graceful-timeout 5 --access-logfile -"
        ).split()

    def answers(self) -> bool:
        """Whether it can be signed in through."""
        connection = http.client.HTTPConnection(ports.LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", "/.well-known/openid-configuration")
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def is_wanted(*, is_embedded: bool, host: str) -> bool:
    """Whether the demonstration is offered: beside the embedded database, to browsers of this machine (others could
    not reach it), and where no provider is named in the environment."""
    return is_embedded and host in (ports.LOOPBACK, "::1") and "MO_LOGIN_ISSUER" not in os.environ
