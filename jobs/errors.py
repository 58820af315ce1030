"""Every error Greenroom raises on purpose, and the exit code each one means."""


class FarmError(Exception):
    """Something a person can mend; its text says what, where and how.

    Subclasses hand their own arguments unchanged to ``super().__init__`` so that they pickle across Ray.
    """

    exit_code = 1


class BadInput(FarmError):
    """What was handed in cannot be rendered as it stands."""

    exit_code = 2


class RightsRefused(FarmError):
    """A performer's consent does not cover the work; names the role and the clause."""

    exit_code = 3


class HeldByGate(FarmError):
    """A take did not pass the quality gate and waits for a person."""

    exit_code = 4
