"""What can go wrong.

CarillonError
  + ConfigurationError    the settings are missing, wrong, or contradict each other
    + BinaryNotFound      the program `carillon` is nowhere to be found
  + TransportError        the event was not accepted
    + Unavailable         nobody answered, or had no room: later it may work
    + Refused             an answer that repeating the request does not change

An argument that no server would accept (a type that is reserved, an id that cannot be one) is a
TypeError or ValueError of Python itself, raised where the event is made.
"""


class CarillonError(Exception):
    """The root of the tree: catch it to catch all of ours."""


class ConfigurationError(CarillonError):
    """The settings are missing, wrong, or contradict each other."""


class BinaryNotFound(ConfigurationError):
    """The program `carillon` is nowhere to be found."""


class TransportError(CarillonError):
    """The event was not accepted."""


class Unavailable(TransportError):
    """Nobody answered, or there was no room: nothing is known to have been sent.

    `retry_after_s` is what the server asked for, if it said.
    """

    def __init__(self, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Refused(TransportError):
    """The server's answer, with its `status`, `detail` and `code` ("" where it gave none)."""

    def __init__(self, status: int, detail: str, code: str = "") -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.code = code

    def __reduce__(self) -> tuple[type["Refused"], tuple[int, str, str]]:
        return type(self), (self.status, self.detail, self.code)
