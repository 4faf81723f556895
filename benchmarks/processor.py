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


def exact(pids: list[int]) -> dict[tuple[int, str], float]:
    """(Place in `pids`, a thread of that process or of a child it has now) -> the seconds it has taken, to the
    nanosecond (Linux)."""
    of = {pid: at for at, pid in enumerate(pids)}
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            pid, parent = int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if (at := of.get(pid, of.get(parent))) is None:
                continue
            for task in folder.glob("task/*/schedstat"):
                found[at, task.parent.name] = int(task.read_text().split()[0]) / 1e9
        except (OSError, IndexError):
            continue
    return found


def machine_seconds() -> float:
    """What everything on this machine has taken so far."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
