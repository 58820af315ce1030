"""Framing presets: from "close-up on ada" to a camera.

Rules kept by every preset: eyes at two fifths of the height, looking room before a face, one side of the line
(``side``) for all cameras of a scene, nothing under the ribs in frame, moves eased in and out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np

from actors.lens import Lens, look_at
from jobs.episode import Camera

SENSOR = 36.0  # mm wide
EYE_LINE = 0.40  # of the height, from the top
HEADROOM = 0.03  # of the height, at least, over the heads of a two-shot
LOWEST_EYES = 0.45  # of the height, from the top, to which eyes give way for it
LOOKING_ROOM = 0.055  # of the width that a face is set off centre
HEIGHTS = {"extreme-close-up": 0.78, "close-up": 1.58, "medium-close-up": 2.25}  # frame height over head height
OVER_WIDTH = 1.02  # metres of frame at the face beyond the shoulder
OVER_FACE, OVER_HEAD = 0.36, 0.86  # of the width, from the side of the face: where the two heads are
TWO_RAKE = (44.0, 68.0)  # degrees that a two-shot may be turned from square on, so that one stands before the other
TWO_ARM = 0.07  # metres that an upper arm reaches beyond the joint of the shoulder
TWO_REACH = 0.13  # metres from the middle of a head to what must be in frame beside it
TWO_EDGE = 0.16  # of the width, kept free beside either head
OFF_EYELINE = {"extreme-close-up": 22.0, "close-up": 27.0, "medium-close-up": 33.0}  # degrees
LINE_MARGIN = 6.0  # degrees that a camera keeps from the line
BELOW_STERNUM = 0.12  # metres of chest under the sternum that may be seen

Places = Mapping[str, np.ndarray]


def eyes(landmarks: Places) -> np.ndarray:
    """The point between the eyes, [3]."""
    return (landmarks["left_eye"] + landmarks["right_eye"]) / 2


def eased(t: float) -> float:
    """0..1 with no speed at either end."""
    t = min(max(t, 0.0), 1.0)
    return t * t * t * (t * (6.0 * t - 15.0) + 10.0)


def lens(
    camera: Camera,
    cast: Mapping[str, Places],
    headings: Mapping[str, float],
    side: np.ndarray,
    t: float,
    width: int,
    height: int,
) -> Lens:
    """The camera at ``t`` (0..1) of the shot; ``cast`` holds landmarks in the world, ``headings`` degrees about +Y."""
    focal = camera.lens * width / SENSOR
    main = camera.on[0]
    partner = camera.over or next((r for r in (*camera.on[1:], *cast) if r != main), None)
    if camera.preset == "two-shot" and partner is not None:
        subject, azimuth, distance, u = _two(cast, main, partner, side, focal, width)
    elif camera.preset == "over-the-shoulder" and partner is not None:
        subject, azimuth, distance, u = _over(cast, main, partner, side, focal, width)
    else:
        preset = camera.preset if camera.preset in HEIGHTS else "medium-close-up"
        subject, azimuth, distance, u = _single(
            preset, cast, headings, main, partner, side, focal, width, height
        )  # fmt: skip
    done = eased(t)
    travel = camera.move.dolly
    distance -= travel * done if travel >= 0 else travel * (done - 1.0)  # never wider than the preset
    distance = max(distance, 0.30)
    azimuth += math.radians(camera.move.orbit) * (done - 0.5)
    if partner is not None:
        azimuth = _kept_to_side(azimuth, side)
    lift = camera.move.pedestal * done + (0.04 if camera.preset == "over-the-shoulder" else -0.015)
    eye = subject + np.array([math.sin(azimuth) * distance, lift, math.cos(azimuth) * distance])
    view = _aimed(eye, subject, u, EYE_LINE, focal, width, height)
    # the eye line is that of the main role, whatever the point that the camera turns about
    _, y, z = (view[:3, :3] @ eyes(cast[main]) + view[:3, 3]).tolist()
    off = EYE_LINE - (0.5 + y / max(z, 0.05) * focal / height)
    for role in camera.on[1:]:  # nobody who is framed loses the top of the head
        _, y, z = (view[:3, :3] @ cast[role]["head_top"] + view[:3, 3]).tolist()
        off = max(off, min(LOWEST_EYES - EYE_LINE + off, HEADROOM - (0.5 + y / max(z, 0.05) * focal / height)))
    view = _aimed(eye, subject, u, EYE_LINE + off, focal, width, height)
    for role in camera.on:
        view = _raised_above_ribs(view, eye, cast[role], focal, width, height)
    return Lens(view, focal, focal, width / 2, height / 2, width, height)


def _single(preset, cast, headings, main, partner, side, focal, width, height):
    """One face, seen from between its own axis and the camera's side."""
    found = cast[main]
    head = float(np.linalg.norm(found["head_top"] - found["chin"]))
    subject = eyes(found)
    distance = HEIGHTS[preset] * head * focal / height
    facing = math.radians(headings[main])
    if partner is None:
        return subject, facing + math.radians(14.0), distance, 0.5
    towards = eyes(cast[partner]) - subject
    line = math.atan2(towards[0], towards[2])
    across = math.atan2(side[0], side[1])
    turn = _turn(line, across)
    # The partner is off camera here (Staging.drawn), as on a set, where the camera takes the partner's place.
    angle = math.radians(OFF_EYELINE[preset])
    azimuth = line + math.copysign(angle, turn)
    # The partner is to the side that the face looks to: leave room there.
    looks_right = math.sin(line - azimuth) > 0  # +X of a camera that looks along -azimuth is at azimuth + 90
    return subject, azimuth, distance, 0.5 - LOOKING_ROOM if looks_right else 0.5 + LOOKING_ROOM


def _over(cast, main, over, side, focal, width):
    """A face beyond a shoulder: the distance sets its size, the angle sets how far apart the heads are on screen."""
    subject = eyes(cast[main])
    towards = eyes(cast[over]) - subject
    line = math.atan2(towards[0], towards[2])
    apart = math.hypot(towards[0], towards[2])
    across = math.atan2(side[0], side[1])
    sign = math.copysign(1.0, _turn(line, across))
    distance = max(OVER_WIDTH * focal / width, apart + 0.45)
    skull = cast[over]["head_top"] * np.array([1.0, 0.0, 1.0]) - subject * np.array([1.0, 0.0, 1.0])
    wanted = math.atan((OVER_HEAD - 0.5) * width / focal) + math.atan((0.5 - OVER_FACE) * width / focal)
    low, high = 0.0, math.radians(60.0)
    for _ in range(24):
        angle = (low + high) / 2
        azimuth = line + sign * angle
        place = np.array([math.sin(azimuth), 0.0, math.cos(azimuth)]) * distance
        to_face, to_head = -place, skull - place
        cosine = to_face @ to_head / (np.linalg.norm(to_face) * np.linalg.norm(to_head))
        if math.acos(min(1.0, cosine)) < wanted:
            low = angle
        else:
            high = angle
    azimuth = line + sign * angle
    # The head in front is on the side of the partner.
    head_right = math.sin(line - azimuth) > 0
    return subject, azimuth, distance, OVER_FACE if head_right else 1.0 - OVER_FACE


def _two(cast, main, partner, side, focal, width):
    """Both faces, the main one further away and turned to the lens, the other partly in front of it.

    The camera goes round until the shoulders overlap, backs off until both heads are inside the frame, and is then
    turned to centre them.
    """
    first, second = eyes(cast[main]), eyes(cast[partner])
    middle = (first + second) / 2
    across = math.atan2(side[0], side[1])
    towards = second - first
    turn = math.copysign(1.0, _turn(across, math.atan2(towards[0], towards[2])))
    for rake in np.arange(*TWO_RAKE, 2.0):
        azimuth = across + turn * math.radians(rake)
        distance, low, high = 0.8, 0.0, 0.0
        for _ in range(200):
            ends = [
                _span(found, ("head_top", "chin"), middle, azimuth, distance, TWO_REACH)
                for found in (cast[main], cast[partner])
            ]
            low, high = min(ends)[0], max(end[1] for end in ends)
            if (high - low) * focal <= (1.0 - 2.0 * TWO_EDGE) * width:
                break
            distance += 0.02
        bodies = [
            _span(found, ("left_shoulder", "right_shoulder"), middle, azimuth, distance, TWO_ARM)
            for found in (cast[main], cast[partner])
        ]
        if max(body[0] for body in bodies) < min(body[1] for body in bodies):
            break
    return middle, azimuth, distance, 0.5 - (low + high) / 2 * focal / width


def _span(found: Places, names, middle, azimuth: float, distance: float, reach: float) -> tuple[float, float]:
    """From where to where landmarks reach across a camera at ``azimuth`` and ``distance`` of ``middle``, tangents."""
    back = np.array([math.sin(azimuth), 0.0, math.cos(azimuth)])
    right = np.array([back[2], 0.0, -back[0]])
    ends = []
    for name in names:
        place = found[name] - middle
        ahead = max(distance - float(place @ back), 0.2)
        ends += [(float(place @ right) - reach) / ahead, (float(place @ right) + reach) / ahead]
    return min(ends), max(ends)


def _turn(start: float, end: float) -> float:
    """The shorter way from one azimuth to another, radians in -pi..pi."""
    return (end - start + math.pi) % (2 * math.pi) - math.pi


def _kept_to_side(azimuth: float, side: np.ndarray) -> float:
    """The nearest azimuth whose camera is on the right side of the line."""
    across = math.atan2(side[0], side[1])
    limit = math.radians(90.0 - LINE_MARGIN)
    return across + min(max(_turn(across, azimuth), -limit), limit)


def _aimed(eye, point, u, v, focal, width, height) -> np.ndarray:
    """A level camera at ``eye`` that shows ``point`` at the fractions ``u``, ``v`` of the frame."""
    x, y = (u - 0.5) * width / focal, (v - 0.5) * height / focal
    direction = point - eye
    flat = math.hypot(direction[0], direction[2])
    yaw, pitch = math.atan2(direction[0], direction[2]), math.atan2(direction[1], flat)
    # The ray through (x, y) leaves the axis by these angles in a camera pitched by p; three steps reach 1e-6.
    p, q = pitch, yaw
    for _ in range(6):
        ahead = math.cos(p) + y * math.sin(p)  # horizontal part of the ray in the camera's vertical plane
        up = math.sin(p) - y * math.cos(p)
        q = yaw + math.atan2(x, ahead)
        p += pitch - math.atan2(up, math.hypot(ahead, x))
    target = eye + np.array([math.sin(q) * math.cos(p), math.sin(p), math.cos(q) * math.cos(p)])
    return look_at(eye, target)


def _raised_above_ribs(view, eye, found: Places, focal, width, height) -> np.ndarray:
    """The same view, tilted up just enough that the bottom edge does not pass the ribs of ``found``."""
    chest = found["sternum"] - np.array([0.0, BELOW_STERNUM, 0.0])
    _, y, z = (view[:3, :3] @ chest + view[:3, 3]).tolist()
    if z <= 0 or y / z * focal >= height / 2:
        return view
    forward = view[2, :3].astype(np.float64)
    up_by = math.atan(height / 2 / focal) - math.atan2(y, z)
    yaw, pitch = math.atan2(forward[0], forward[2]), math.asin(max(-1.0, min(1.0, forward[1]))) + up_by
    return look_at(
        eye, eye + np.array([math.sin(yaw) * math.cos(pitch), math.sin(pitch), math.cos(yaw) * math.cos(pitch)])
    )
