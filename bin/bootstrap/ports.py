"""Ports: whether one is taken, and a free one instead."""

import socket

LOOPBACK = "127.0.0.1"
EVERYWHERE = {"0.0.0.0": LOOPBACK, "::": "::1"}  # noqa: S104 (compared with, and where each is reached from here)  # nosec B104


def is_taken(port: int, host: str = LOOPBACK) -> bool:
    """Whether something already listens there, on the loopback of either family too, or the system refuses it to us."""
    for address in {host, LOOPBACK, "::1"}:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            with socket.socket(family) as probe:
                probe.settimeout(1)
                if address not in EVERYWHERE and probe.connect_ex((address, port)) == 0:
                    return True
        except OSError:
            continue
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return True
    return False


def choose(wanted: int) -> int:
    """The wanted port if it is free, else any free one, on the loopback."""
    if not is_taken(wanted):
        return wanted
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]
