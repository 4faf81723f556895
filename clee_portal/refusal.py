"""The one exception of the domain: an act that cannot be done, told so that the person at the screen can mend it."""


class Refused(Exception):
    """An act was refused. `str()` is fit for the person at the screen; `field` names what it concerns, if one thing."""

    def __init__(self, message: str, *, field: str | None = None):
        super().__init__(message)
        self.message = message
        self.field = field
