"""What is wrong with one value that somebody gave, told so that they can mend it."""


class Wrong(Exception):
    """A value cannot be taken: what is wrong with it and how to fix it."""

    def __init__(self, wrong: str, fix: str):
        super().__init__(wrong)
        self.wrong = wrong
        self.fix = fix
