"""How each material answers to the rig, compiled by Numba; ``actors.shade_kernels`` feeds it block by block.

Units: a lamp's colour is what a white matte surface facing it reflects, so diffuse light is albedo times colour and a
specular lobe of value D V F adds pi D V F n.l times colour. Sources of the models:
- skin: wrapped diffuse whose wrap is widest in red, the shape of the pre-integrated profiles of Penner & Borshukov
  (GPU Pro 2, 2011); two GGX lobes, 0.028 at normal incidence (d'Eon & Luebke, GPU Gems 3, chapter 14);
- GGX with the visibility approximation of Lagarde & de Rousiers (2014), area lamps by widening (Karis 2013);
- occlusion: coloured interreflection of Jimenez et al. (2016), micro-shadowing of direct light by Chan (2018);
- hair: the shifted longitudinal lobes of Marschner et al. (2003) in the form of Karis (2016);
- cloth: the improved Oren-Nayar of Fujii (2012) with a sheen at grazing angles.
"""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from actors.shade_block import (
    ALBEDO,
    ALPHA,
    BLOCK,
    CLEAR,
    DIFFUSE,
    DIM,
    EDGE,
    MIX,
    NORMAL,
    NV,
    OPEN,
    OUT,
    REFLECTANCE,
    SECOND,
    THIRD,
    VIEW,
    WRAP,
)  # fmt: skip

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_PI = np.float32(math.pi)
_FOUR_PI = np.float32(4.0 * math.pi)
_GLOSS = np.float32(0.012)  # of the surroundings, mirrored by strands
_SOFT = np.float32(0.06)  # how softly diffuse light leaves the terminator


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _positive(value):
    return max(value, _ZERO)


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _ggx(nh, nl, nv, alpha):
    """Numerator and denominator of D V of one lobe."""
    a2 = alpha * alpha
    d = nh * nh * (a2 - _ONE) + _ONE
    k = alpha * _HALF
    masked = (nl * (_ONE - k) + k) * (nv * (_ONE - k) + k)
    return a2, _FOUR_PI * d * d * masked


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _lobe(x, width):
    """A bell of height 1 with tails a little longer than a Gaussian's."""
    t = x / width
    s = _ONE + t * t * np.float32(0.35)
    return _ONE / (s * s)


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _smooth(low, high, x):
    t = min(max((x - low) / (high - low), _ZERO), _ONE)
    return t * t * (np.float32(3.0) - _TWO * t)


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def shade_surface(b, towards, colours, sizes, ambient):
    """Results of a block of skin, lips, eyes, teeth and mouth."""
    a00, a01, a02, a10, a11, a12 = (
        ambient[0, 0],
        ambient[0, 1],
        ambient[0, 2],
        ambient[1, 0],
        ambient[1, 1],
        ambient[1, 2],
    )
    a20, a21, a22, a30, a31, a32 = (
        ambient[2, 0],
        ambient[2, 1],
        ambient[2, 2],
        ambient[3, 0],
        ambient[3, 1],
        ambient[3, 2],
    )
    for k in range(BLOCK):
        nx, ny, nz = b[NORMAL + k], b[NORMAL + SECOND + k], b[NORMAL + THIRD + k]
        red, green, blue, open_ = b[ALBEDO + k], b[ALBEDO + SECOND + k], b[ALBEDO + THIRD + k], b[OPEN + k]
        f0, dim = b[REFLECTANCE + k], b[DIM + k]
        ar = _positive(a00 + nx * a10 + ny * a20 + nz * a30)
        ag = _positive(a01 + nx * a11 + ny * a21 + nz * a31)
        ab = _positive(a02 + nx * a12 + ny * a22 + nz * a32)
        grazing = _positive(_ONE - b[NV + k])
        grazing2 = grazing * grazing
        mirror = (f0 + (_HALF - f0) * grazing2 * grazing2 * grazing * np.float32(0.35)) * open_ * open_
        b[OUT + k] = red * ar * _bled(open_, red) * dim + mirror * ar
        b[OUT + SECOND + k] = green * ag * _bled(open_, green) * dim + mirror * ag
        b[OUT + THIRD + k] = blue * ab * _bled(open_, blue) * dim + mirror * ab
    for lamp in range(3):
        lx, ly, lz = towards[lamp, 0], towards[lamp, 1], towards[lamp, 2]
        lr, lg, lb = colours[lamp, 0], colours[lamp, 1], colours[lamp, 2]
        wide = abs(sizes[lamp]) * np.float32(0.25)
        is_key = _ONE if lamp == 0 else _ZERO
        for k in range(BLOCK):
            nx, ny, nz = b[NORMAL + k], b[NORMAL + SECOND + k], b[NORMAL + THIRD + k]
            vx, vy, vz = b[VIEW + k], b[VIEW + SECOND + k], b[VIEW + THIRD + k]
            open_, nv, f0, mix = b[OPEN + k], b[NV + k], b[REFLECTANCE + k], b[MIX + k]
            facing = nx * lx + ny * ly + nz * lz
            light = b[DIFFUSE + k] * lx + b[DIFFUSE + SECOND + k] * ly + b[DIFFUSE + THIRD + k] * lz
            # what reaches it: the shadow map for the key, micro-shadowing for the others
            closed = min(max(abs(facing) + _TWO * open_ * open_ - _ONE, _ZERO), _ONE)
            passes = is_key * b[CLEAR + k] + (_ONE - is_key) * closed
            edge = is_key * passes * (_ONE - passes) * b[EDGE + k]
            wrap_r, wrap_g, wrap_b = b[WRAP + k], b[WRAP + SECOND + k], b[WRAP + THIRD + k]
            wr = _positive((light + wrap_r) / (_ONE + wrap_r))
            wg = _positive((light + wrap_g) / (_ONE + wrap_g))
            wb = _positive((light + wrap_b) / (_ONE + wrap_b))
            soft = b[DIM + k] * (_ONE + _SOFT) * wr / (wr + _SOFT)
            hx, hy, hz = lx + vx, ly + vy, lz + vz
            length2 = max(hx * hx + hy * hy + hz * hz, np.float32(1e-6))
            inverse = _ONE / math.sqrt(length2)
            nh = min((nx * hx + ny * hy + nz * hz) * inverse, _ONE)
            nl = _positive(facing)
            top_a, under_a = _ggx(nh, nl, nv, min(b[ALPHA + k] + wide, _ONE))
            top_b, under_b = _ggx(nh, nl, nv, min(b[ALPHA + SECOND + k] + wide, _ONE))
            specular = ((_ONE - mix) * top_a * under_b + mix * top_b * under_a) / (under_a * under_b)
            fresnel = _ONE - _HALF * length2 * inverse
            fresnel2 = fresnel * fresnel
            fresnel = f0 + (_ONE - f0) * fresnel2 * fresnel2 * fresnel
            glossy = _ONE if f0 > _ZERO else _ZERO
            specular *= fresnel * glossy * nl * _PI * open_ * passes
            specular /= _ONE + np.float32(0.7) * specular  # grazing lamps would sparkle from splat to splat
            b[OUT + k] += lr * (b[ALBEDO + k] * wr * soft * min(passes + edge * np.float32(0.55), _ONE) + specular)
            b[OUT + SECOND + k] += lg * (
                b[ALBEDO + SECOND + k] * wg * soft * (passes + edge * np.float32(0.06)) + specular
            )
            b[OUT + THIRD + k] += lb * (b[ALBEDO + THIRD + k] * wb * soft * passes + specular)


@nb.njit(inline="always", fastmath=True, error_model="numpy")
def _bled(open_, albedo):
    """Ambient visibility brightened by light that the neighbouring surface of the same colour throws back."""
    a = np.float32(2.0404) * albedo - np.float32(0.3324)
    c = np.float32(-4.7951) * albedo + np.float32(0.6417)
    e = np.float32(2.7552) * albedo + np.float32(0.6903)
    return max(open_, ((open_ * a + c) * open_ + e) * open_)


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def shade_cloth(b, towards, colours, sizes, ambient):
    """Results of a block of cloth."""
    a00, a01, a02, a10, a11, a12 = (
        ambient[0, 0],
        ambient[0, 1],
        ambient[0, 2],
        ambient[1, 0],
        ambient[1, 1],
        ambient[1, 2],
    )
    a20, a21, a22, a30, a31, a32 = (
        ambient[2, 0],
        ambient[2, 1],
        ambient[2, 2],
        ambient[3, 0],
        ambient[3, 1],
        ambient[3, 2],
    )
    for k in range(BLOCK):
        nx, ny, nz = b[NORMAL + k], b[NORMAL + SECOND + k], b[NORMAL + THIRD + k]
        open_ = b[OPEN + k]
        red, green, blue = b[ALBEDO + k], b[ALBEDO + SECOND + k], b[ALBEDO + THIRD + k]
        b[OUT + k] = red * _positive(a00 + nx * a10 + ny * a20 + nz * a30) * _bled(open_, red)
        b[OUT + SECOND + k] = green * _positive(a01 + nx * a11 + ny * a21 + nz * a31) * _bled(open_, green)
        b[OUT + THIRD + k] = blue * _positive(a02 + nx * a12 + ny * a22 + nz * a32) * _bled(open_, blue)
    for lamp in range(3):
        lx, ly, lz = towards[lamp, 0], towards[lamp, 1], towards[lamp, 2]
        lr, lg, lb = colours[lamp, 0], colours[lamp, 1], colours[lamp, 2]
        is_key = _ONE if lamp == 0 else _ZERO
        for k in range(BLOCK):
            facing = b[NORMAL + k] * lx + b[NORMAL + SECOND + k] * ly + b[NORMAL + THIRD + k] * lz
            lv = lx * b[VIEW + k] + ly * b[VIEW + SECOND + k] + lz * b[VIEW + THIRD + k]
            open_, nv = b[OPEN + k], b[NV + k]
            closed = min(max(abs(facing) + _TWO * open_ * open_ - _ONE, _ZERO), _ONE)
            passes = is_key * b[CLEAR + k] + (_ONE - is_key) * closed
            nl = _positive(facing)
            s = lv - facing * nv
            t = max(nl, nv) if s > _ZERO else _ONE
            diffuse = _positive(nl * (np.float32(0.82) + np.float32(0.30) * s / t)) * passes
            grazing = _positive(_ONE - nv)
            rise = min(max((facing + np.float32(0.3)) / np.float32(1.3), _ZERO), _ONE)
            sheen = (
                grazing * grazing * grazing * rise * rise * (np.float32(3.0) - _TWO * rise) * np.float32(0.10) * passes
            )
            red, green, blue = b[ALBEDO + k], b[ALBEDO + SECOND + k], b[ALBEDO + THIRD + k]
            b[OUT + k] += lr * (red * diffuse + sheen * (_HALF * red + np.float32(0.15)))
            b[OUT + SECOND + k] += lg * (green * diffuse + sheen * (_HALF * green + np.float32(0.15)))
            b[OUT + THIRD + k] += lb * (blue * diffuse + sheen * (_HALF * blue + np.float32(0.15)))


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def shade_hair(b, towards, colours, sizes, ambient):
    """Results of a block of strands; their normals are unit tangents."""
    a00, a01, a02, a10, a11, a12 = (
        ambient[0, 0],
        ambient[0, 1],
        ambient[0, 2],
        ambient[1, 0],
        ambient[1, 1],
        ambient[1, 2],
    )
    a20, a21, a22, a30, a31, a32 = (
        ambient[2, 0],
        ambient[2, 1],
        ambient[2, 2],
        ambient[3, 0],
        ambient[3, 1],
        ambient[3, 2],
    )
    for k in range(BLOCK):
        sine = (
            b[NORMAL + k] * b[VIEW + k]
            + b[NORMAL + SECOND + k] * b[VIEW + SECOND + k]
            + b[NORMAL + THIRD + k] * b[VIEW + THIRD + k]
        )
        across = math.sqrt(max(_ONE - sine * sine, np.float32(1e-4)))
        b[NV + k] = sine
        b[REFLECTANCE + k] = across
        open_ = b[OPEN + k] * (_HALF + _HALF * b[OPEN + k])
        b[OPEN + k] = open_
        fx = (b[VIEW + k] - b[NORMAL + k] * sine) / across
        fy = (b[VIEW + SECOND + k] - b[NORMAL + SECOND + k] * sine) / across
        fz = (b[VIEW + THIRD + k] - b[NORMAL + THIRD + k] * sine) / across
        red, green, blue = b[ALBEDO + k], b[ALBEDO + SECOND + k], b[ALBEDO + THIRD + k]
        b[OUT + k] = _positive(a00 + fx * a10 + fy * a20 + fz * a30) * open_ * (red + _GLOSS)
        b[OUT + SECOND + k] = _positive(a01 + fx * a11 + fy * a21 + fz * a31) * open_ * (green + _GLOSS)
        b[OUT + THIRD + k] = _positive(a02 + fx * a12 + fy * a22 + fz * a32) * open_ * (blue + _GLOSS)
        b[WRAP + k] = math.sqrt(red)
        b[WRAP + SECOND + k] = math.sqrt(green)
        b[WRAP + THIRD + k] = math.sqrt(blue)
    for lamp in range(3):
        lx, ly, lz = towards[lamp, 0], towards[lamp, 1], towards[lamp, 2]
        lr, lg, lb = colours[lamp, 0], colours[lamp, 1], colours[lamp, 2]
        is_key = _ONE if lamp == 0 else _ZERO
        wide = np.float32(0.16) + abs(sizes[lamp]) * np.float32(0.35)
        for k in range(BLOCK):
            sine_v, across = b[NV + k], b[REFLECTANCE + k]
            sine_l = b[NORMAL + k] * lx + b[NORMAL + SECOND + k] * ly + b[NORMAL + THIRD + k] * lz
            cosine_l = math.sqrt(max(_ONE - sine_l * sine_l, _ZERO))
            lv = lx * b[VIEW + k] + ly * b[VIEW + SECOND + k] + lz * b[VIEW + THIRD + k]
            # the cosine of the azimuth between lamp and viewer about the strand
            around = (lv - sine_l * sine_v) / max(cosine_l * across, np.float32(0.05))
            around = min(max(around, -_ONE), _ONE)
            passes = is_key * b[CLEAR + k] + (_ONE - is_key) * b[OPEN + k]
            diffuse = np.float32(0.35) + np.float32(0.40) * around + np.float32(0.15) * around * around
            diffuse = _positive(cosine_l * diffuse)
            half = _HALF + _HALF * around
            total = sine_l + sine_v
            primary = _lobe(total + np.float32(0.10), wide) * math.sqrt(half) * cosine_l * np.float32(0.075)
            second = _lobe(total - np.float32(0.14), wide * np.float32(1.7)) * half * half * cosine_l * np.float32(0.26)
            behind = _positive(-around)
            through = behind * behind * behind * _lobe(total, wide * np.float32(1.6)) * np.float32(1.8)
            red, green, blue = b[ALBEDO + k], b[ALBEDO + SECOND + k], b[ALBEDO + THIRD + k]
            b[OUT + k] += lr * passes * (red * diffuse + primary + b[WRAP + k] * (second + red * through))
            b[OUT + SECOND + k] += (
                lg * passes * (green * diffuse + primary + b[WRAP + SECOND + k] * (second + green * through))
            )
            b[OUT + THIRD + k] += (
                lb * passes * (blue * diffuse + primary + b[WRAP + THIRD + k] * (second + blue * through))
            )


@nb.njit(nogil=True, cache=True, fastmath=True, error_model="numpy")
def mirrored(i, nx, ny, nz, vx, vy, vz, colours, sizes, glints, out):
    """Write the images of key and fill in a cornea to row ``i`` of ``out``; the part of it that they cover."""
    nv = nx * vx + ny * vy + nz * vz
    rx, ry, rz = _TWO * nv * nx - vx, _TWO * nv * ny - vy, _TWO * nv * nz - vz
    sr, sg, sb, strongest = _ZERO, _ZERO, _ZERO, _ZERO
    for lamp in range(2):
        g = glints[lamp]
        ahead = rx * g[0, 0] + ry * g[0, 1] + rz * g[0, 2]
        if ahead <= np.float32(0.05):
            continue
        across = abs(rx * g[1, 0] + ry * g[1, 1] + rz * g[1, 2]) / ahead
        up = abs(rx * g[2, 0] + ry * g[2, 1] + rz * g[2, 2]) / ahead
        if sizes[lamp] < _ZERO:
            shape = _ONE - _smooth(np.float32(0.8), np.float32(1.25), max(across, up))
            bar = _smooth(np.float32(0.04), np.float32(0.2), min(across, up))
            shape *= np.float32(0.35) + np.float32(0.65) * bar
        else:
            shape = _ONE - _smooth(np.float32(0.75), np.float32(1.2), math.sqrt(across * across + up * up))
        gain = np.float32(2.6)
        if lamp == 1:
            shape *= np.float32(0.22)
            gain = np.float32(4.0)
        strongest = max(strongest, shape)
        sr += shape * gain * colours[lamp, 0]
        sg += shape * gain * colours[lamp, 1]
        sb += shape * gain * colours[lamp, 2]
    scale = _ONE / max(strongest, np.float32(1e-3))
    out[i, 0] = sr * scale
    out[i, 1] = sg * scale
    out[i, 2] = sb * scale
    return strongest * np.float32(0.9)
