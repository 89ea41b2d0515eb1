"""What stops a command: one clear line, and what to do."""


class Failure(Exception):
    """The command cannot go on; ``advice`` says what the person can do about it."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message, self.advice = message, advice
