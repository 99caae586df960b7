"""Whether this process is about to stop: it answers, but wants no new clients."""

_is_on = False


def begin() -> None:
    """Say that this process is about to stop."""
    global _is_on  # noqa: PLW0603 - one of this process
    _is_on = True


def is_on() -> bool:
    """Whether it is."""
    return _is_on
