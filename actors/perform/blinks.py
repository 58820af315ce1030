"""When the eyes blink, and how the lids move when they do."""

from __future__ import annotations

import numpy as np

from actors.perform.timing import minimum_jerk, smoothstep

CLOSING, CLOSED, OPENING = 0.075, 0.030, 0.155  # seconds; Evinger et al. 1991: lids fall twice as fast as they rise


def blink_times(
    rng: np.random.Generator,
    seconds: float,
    rate: float,
    invitations: list[tuple[float, float]],
    refractory: float = 0.9,
) -> list[float]:
    """Moments of full closure, ordered: a Poisson process of ``rate`` per second with a refractory time, and blinks
    accepted at ``invitations`` (time, probability): gaze shifts and ends of phrases (Evinger 1994; Nakano 2010)."""
    wanted = [(time, 1) for time, chance in invitations if rng.random() < chance]
    clock = rng.exponential(1 / rate) if rate > 0 else np.inf
    while clock < seconds:
        wanted.append((float(clock), 0))
        clock += refractory + rng.exponential(1 / rate)
    margin = CLOSING + 0.12  # no cut lands on closed eyes
    chosen: list[float] = []
    for time, _ in sorted(wanted, key=lambda item: (-item[1], item[0])):  # invitations first
        if margin <= time <= seconds - margin and all(abs(time - other) >= refractory for other in chosen):
            chosen.append(time)
    return sorted(chosen)


def lids(times: np.ndarray, blinks: list[float], frame: float, lag: float = 0.006) -> np.ndarray:
    """How far the lids are closed by blinks, [T, 2] (left, right) 0..1; ``frame`` is the length of one, in seconds.

    A blink stays closed for at least one frame, so that it is seen to close. One eye is ``lag`` seconds behind.
    """
    hold = max(CLOSED, 1.01 * frame + abs(lag))
    out = np.zeros((len(times), 2))
    for number, time in enumerate(blinks):
        for eye in range(2):
            start = time - hold / 2 + (lag if eye == number % 2 else 0.0)
            down = minimum_jerk((times - (start - CLOSING)) / CLOSING)
            up = smoothstep((times - (start + hold - abs(lag))) / OPENING)
            out[:, eye] = np.maximum(out[:, eye], down * (1 - up))
    return out
