"""Why a file was not read.

ValueError
└── Unreadable
└── TooSlow
"""


class Unreadable(ValueError):
    """A file is passed over; the text says why, as it follows `cannot be read:`."""


class TooSlow(Unreadable):
    """It was not read in time."""
