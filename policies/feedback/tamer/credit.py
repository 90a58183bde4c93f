"""Which piece of a reply a click was about: people click a while after what they mean.

The delay between seeing and clicking is taken to be Gamma distributed (Knox and Stone 2009, section 3.3), behind a lag
of the display that is fitted to the clicks. Of click m at time t, segment i gets the credit

    c_i = F(t − lag − on_i) − F(t − lag − off_i),

nothing where it was not yet shown; the credits of a click are scaled to sum to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammainc

from .clicks import Click, Segment

LAGS = tuple(round(0.05 * step, 2) for step in range(31))


@dataclass(frozen=True, slots=True)
class Delay:
    """Seconds between seeing and clicking.

    Args:
        shape, scale: of the Gamma distribution; the scale in seconds.
        lag: seconds between a segment's time and its being seen, for the display and the network.
    """

    shape: float = 2.0
    scale: float = 0.28
    lag: float = 0.0

    def before(self, seconds: np.ndarray) -> np.ndarray:
        """Probability of a delay of at most so many seconds."""
        return gammainc(self.shape, np.maximum(seconds - self.lag, 0.0) / self.scale)


CLICK_DELAY = Delay()


def credits(time: float, segments: Sequence[Segment], delay: Delay = CLICK_DELAY) -> np.ndarray:
    """The credit of each segment for a click, `(segments,)`; all 0 where no segment can have been meant."""
    on = np.array([segment.shown_on for segment in segments])
    off = np.array([segment.shown_off for segment in segments])
    found = delay.before(time - on) - delay.before(time - off)
    total = found.sum()
    return found / total if total > 1e-9 else np.zeros(len(segments))


def fit_lag(
    sessions: Sequence[tuple[Sequence[Click], Sequence[Segment], np.ndarray]],
    *,
    delay: Delay = CLICK_DELAY,
    lags: Sequence[float] = LAGS,
    ridge: float = 1.0,
) -> Delay:
    """The delay whose credits explain clicks best, with the lag that minimises the leave-one-out error of the head.

    Args:
        sessions: clicks, segments and the segments' features `(segments, features)`.
        delay: its shape and scale are kept.
        lags: in seconds, to choose from.
        ridge: of the head.
    """
    best: tuple[float, float] | None = None
    for lag in lags:
        tried = Delay(delay.shape, delay.scale, lag)
        rows: list[np.ndarray] = []
        values: list[float] = []
        for clicks, segments, features in sessions:
            for click in clicks:
                # A click that can have meant nothing is a click that is not explained.
                rows.append(credits(click.time, segments, tried) @ features)
                values.append(click.value)
        if not rows:
            return delay
        error = _left_out_error(np.stack(rows), np.array(values), ridge)
        if best is None or error < best[0]:
            best = error, lag
    assert best is not None
    return Delay(delay.shape, delay.scale, best[1])


def _left_out_error(rows: np.ndarray, values: np.ndarray, ridge: float) -> float:
    """Mean squared error of ridge regression on each row when it is left out: residual / (1 − leverage)."""
    inverse = np.linalg.inv(rows.T @ rows + ridge * np.eye(rows.shape[1]))
    leverage = np.einsum("ij,jk,ik->i", rows, inverse, rows)
    residual = values - rows @ (inverse @ (rows.T @ values))
    return float(np.mean((residual / (1 - np.minimum(leverage, 0.999))) ** 2))
