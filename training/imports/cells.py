"""Cells that hold something other than a plain value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula of a spreadsheet. It is never evaluated: a cell that is needed must hold its value."""

    text: str
    place: str  # such as D7

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CellError:
    """What a spreadsheet shows where a formula failed, such as #REF!."""

    text: str
    place: str

    def __str__(self) -> str:
        return self.text


def as_text(raw) -> str:
    """A cell as it is shown back to people: whole numbers without .0, dates without midnight."""
    if raw is None:
        return ""
    if isinstance(raw, float) and raw.is_integer() and abs(raw) < 1e15:
        return str(int(raw))
    if hasattr(raw, "hour") and hasattr(raw, "year"):
        return raw.strftime("%Y-%m-%d") if (raw.hour, raw.minute, raw.second) == (0, 0, 0) else f"{raw:%Y-%m-%d %H:%M}"
    return str(raw)


def is_blank(raw) -> bool:
    """Whether nothing stands in a cell."""
    return raw is None or (isinstance(raw, str) and not raw.strip("\ufeff \t\r\n\xa0"))
