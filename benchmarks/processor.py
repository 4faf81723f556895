"""What processes take of the processor, as Linux counts it."""

import os
from pathlib import Path


def seconds(pid: int) -> float:
    """What a process, its children, and those that have ended have taken so far (Linux)."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        user, system, ended_user, ended_system = map(int, fields[11:15])
        if int(stat.parent.name) == pid:
            ticks += user + system + ended_user + ended_system
        elif int(fields[1]) == pid:
            ticks += user + system
    return ticks / os.sysconf("SC_CLK_TCK")


def machine_seconds() -> float:
    """What everything on this machine has taken so far."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
