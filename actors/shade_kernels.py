"""How each material answers to the rig, compiled by Numba; ``actors.shade`` calls it.

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

from actors.shadow_kernels import light_through

SKIN, LIP, SCLERA, IRIS, TOOTH, MOUTH, HAIR, CLOTH, CORNEA = range(9)  # actors.body.material

HIDDEN_AT = np.float32(-0.2)  # opaque Gaussians whose n . v is below this are not drawn

_ZERO, _HALF, _ONE, _TWO = np.float32(0.0), np.float32(0.5), np.float32(1.0), np.float32(2.0)
_PI = np.float32(math.pi)


@nb.njit(inline="always", fastmath=True)
def _positive(value):
    return max(value, _ZERO)


@nb.njit(inline="always", fastmath=True)
def _wrapped(cosine, wrap):
    """Diffuse falloff that reaches ``wrap`` past the terminator and leaves it softly; 1 at cosine 1."""
    x = _positive((cosine + wrap) / (_ONE + wrap))
    return x * x * (np.float32(1.06) - np.float32(0.06) * x) / (x + np.float32(0.06)) + _ZERO


@nb.njit(inline="always", fastmath=True)
def _ggx(nh, nl, nv, alpha):
    """D V of one lobe."""
    a2 = alpha * alpha
    d = nh * nh * (a2 - _ONE) + _ONE
    k = alpha * _HALF
    visible = _ONE / (np.float32(4.0) * (nl * (_ONE - k) + k) * (nv * (_ONE - k) + k))
    return a2 / (_PI * d * d) * visible


@nb.njit(inline="always", fastmath=True)
def _lobe(x, width):
    """A bell of height 1 with tails a little longer than a Gaussian's."""
    t = x / width
    s = _ONE + t * t * np.float32(0.35)
    return _ONE / (s * s)


@nb.njit(inline="always", fastmath=True)
def _smooth(low, high, x):
    t = min(max((x - low) / (high - low), _ZERO), _ONE)
    return t * t * (np.float32(3.0) - _TWO * t)


@nb.njit(nogil=True, cache=True, fastmath=True)
def shade_slice(
    first, last, means, normals, albedo, roughness, occlusion, opacities, material,
    eye, towards, colours, sizes, ambient, glints, irises, axes, origin, texel, spread, depth, hair, disc,
    out, out_opacity,
):  # fmt: skip
    """Write ``out`` [N, 3] and ``out_opacity`` [N] for Gaussians ``first`` to ``last - 1``.

    ``towards``, ``colours`` [3, 3] and ``sizes`` [3]: the lamps key, fill, rim. ``ambient`` [4, 3].
    ``glints`` [2, 3, 3]: for key and fill the directions towards, right and up of their image in an eye; the length
    of right and up is one over the image's half width in tangent, and a negative glint length marks a window.
    ``irises`` [2, 6]: centre and axis of each eye.
    """
    shadowed = depth.shape[0] > 1
    for i in range(first, last):
        kind = material[i]
        x, y, z = means[i, 0], means[i, 1], means[i, 2]
        vx, vy, vz = eye[0] - x, eye[1] - y, eye[2] - z
        inverse = _ONE / math.sqrt(vx * vx + vy * vy + vz * vz + np.float32(1e-12))
        vx *= inverse
        vy *= inverse
        vz *= inverse
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        nv = nx * vx + ny * vy + nz * vz
        if kind != HAIR and nv < HIDDEN_AT:
            out_opacity[i] = _ZERO
            out[i, 0] = _ZERO
            out[i, 1] = _ZERO
            out[i, 2] = _ZERO
            continue
        out_opacity[i] = opacities[i]
        red, green, blue = albedo[i, 0], albedo[i, 1], albedo[i, 2]
        open_ = occlusion[i]

        if kind == CORNEA:
            # A mirror: only the images of the lamps are seen, the rest of the shell is clear.
            rx, ry, rz = _TWO * nv * nx - vx, _TWO * nv * ny - vy, _TWO * nv * nz - vz
            sr, sg, sb, strongest = _ZERO, _ZERO, _ZERO, _ZERO
            for lamp in range(2):
                g = glints[lamp]
                ahead = rx * g[0, 0] + ry * g[0, 1] + rz * g[0, 2]
                if ahead <= np.float32(0.05):
                    continue
                across = (rx * g[1, 0] + ry * g[1, 1] + rz * g[1, 2]) / ahead
                up = (rx * g[2, 0] + ry * g[2, 1] + rz * g[2, 2]) / ahead
                if sizes[lamp] < _ZERO:
                    shape = _ONE - _smooth(np.float32(0.8), np.float32(1.25), max(abs(across), abs(up)))
                    bar = min(abs(across), abs(up))
                    shape *= np.float32(0.35) + np.float32(0.65) * _smooth(np.float32(0.04), np.float32(0.2), bar)
                else:
                    shape = _ONE - _smooth(np.float32(0.75), np.float32(1.2), math.sqrt(across * across + up * up))
                shape *= _ONE if lamp == 0 else np.float32(0.22)
                strongest = max(strongest, shape)
                gain = np.float32(2.6) if lamp == 0 else np.float32(4.0)
                sr += shape * gain * colours[lamp, 0]
                sg += shape * gain * colours[lamp, 1]
                sb += shape * gain * colours[lamp, 2]
            cover = strongest * np.float32(0.9)
            out_opacity[i] = opacities[i] * cover
            scale = _ONE / max(strongest, np.float32(1e-3))
            out[i, 0] = sr * scale
            out[i, 1] = sg * scale
            out[i, 2] = sb * scale
            continue

        lx, ly, lz = towards[0, 0], towards[0, 1], towards[0, 2]
        facing = nx * lx + ny * ly + nz * lz
        clear = _ONE
        if shadowed:
            if kind == HAIR:
                clear = light_through(
                    i, x, y, z, _ZERO, _ZERO, _ZERO, axes, origin, texel, spread, depth, hair, disc
                )  # fmt: skip
            elif facing > np.float32(-0.3):
                clear = light_through(i, x, y, z, nx, ny, nz, axes, origin, texel, spread, depth, hair, disc)

        if kind == HAIR:
            # normals hold the unit tangent of the strand
            sine_v = nv
            across = math.sqrt(max(_ONE - sine_v * sine_v, np.float32(1e-4)))
            fx, fy, fz = (vx - nx * sine_v) / across, (vy - ny * sine_v) / across, (vz - nz * sine_v) / across
            open_hair = open_ * (_HALF + _HALF * open_)
            root_r, root_g, root_b = math.sqrt(red), math.sqrt(green), math.sqrt(blue)
            ar = _positive(ambient[0, 0] + fx * ambient[1, 0] + fy * ambient[2, 0] + fz * ambient[3, 0])
            ag = _positive(ambient[0, 1] + fx * ambient[1, 1] + fy * ambient[2, 1] + fz * ambient[3, 1])
            ab = _positive(ambient[0, 2] + fx * ambient[1, 2] + fy * ambient[2, 2] + fz * ambient[3, 2])
            r, g, b = red * ar * open_hair, green * ag * open_hair, blue * ab * open_hair
            gloss = np.float32(0.20) * open_hair
            r += gloss * ar * np.float32(0.06)
            g += gloss * ag * np.float32(0.06)
            b += gloss * ab * np.float32(0.06)
            for lamp in range(3):
                lx, ly, lz = towards[lamp, 0], towards[lamp, 1], towards[lamp, 2]
                sine_l = nx * lx + ny * ly + nz * lz
                cosine_l = math.sqrt(max(_ONE - sine_l * sine_l, _ZERO))
                # azimuth between lamp and viewer about the strand, as a cosine
                around = (lx * vx + ly * vy + lz * vz - sine_l * sine_v) / max(cosine_l * across, np.float32(0.05))
                around = min(max(around, -_ONE), _ONE)
                passes = clear if lamp == 0 else open_hair
                wide = np.float32(0.16) + abs(sizes[lamp]) * np.float32(0.35)
                diffuse = cosine_l * (np.float32(0.35) + np.float32(0.40) * around + np.float32(0.15) * around * around)
                diffuse = _positive(diffuse) * passes
                half = _HALF + _HALF * around
                primary = _lobe(sine_l + sine_v + np.float32(0.10), wide) * math.sqrt(half) * np.float32(0.075)
                second = _lobe(sine_l + sine_v - np.float32(0.14), wide * np.float32(1.7)) * np.float32(0.26)
                second *= half * half
                through = _positive(-around)
                through = through * through * through * _lobe(sine_l + sine_v, wide * np.float32(1.6))
                through *= np.float32(0.9)
                primary *= passes * cosine_l
                second *= passes * cosine_l
                through *= passes
                r += colours[lamp, 0] * (red * diffuse + primary + root_r * second + root_r * red * through * _TWO)
                g += colours[lamp, 1] * (green * diffuse + primary + root_g * second + root_g * green * through * _TWO)
                b += colours[lamp, 2] * (blue * diffuse + primary + root_b * second + root_b * blue * through * _TWO)
            out[i, 0] = r
            out[i, 1] = g
            out[i, 2] = b
            continue

        ar = _positive(ambient[0, 0] + nx * ambient[1, 0] + ny * ambient[2, 0] + nz * ambient[3, 0])
        ag = _positive(ambient[0, 1] + nx * ambient[1, 1] + ny * ambient[2, 1] + nz * ambient[3, 1])
        ab = _positive(ambient[0, 2] + nx * ambient[1, 2] + ny * ambient[2, 2] + nz * ambient[3, 2])
        nv = max(nv, np.float32(0.06))
        grazing = _ONE - min(nv, _ONE)
        grazing5 = grazing * grazing
        grazing5 = grazing5 * grazing5 * grazing

        wrap_r, wrap_g, wrap_b = _ZERO, _ZERO, _ZERO
        f0, mix, rough_a, rough_b = np.float32(0.04), _ZERO, _HALF, _HALF
        dim = _ONE
        dx, dy, dz = nx, ny, nz  # the normal that diffuse light sees
        if kind == SKIN:
            wrap_r, wrap_g, wrap_b = np.float32(0.34), np.float32(0.17), np.float32(0.11)
            f0, mix = np.float32(0.028), np.float32(0.45)
            rough_a, rough_b = roughness[i] * np.float32(0.78), roughness[i] * np.float32(1.3)
        elif kind == LIP:
            wrap_r, wrap_g, wrap_b = np.float32(0.40), np.float32(0.16), np.float32(0.14)
            f0, mix = np.float32(0.030), np.float32(0.35)
            rough_a, rough_b = roughness[i] * np.float32(0.75), roughness[i] * np.float32(1.25)
        elif kind == SCLERA:
            wrap_r, wrap_g, wrap_b = np.float32(0.30), np.float32(0.22), np.float32(0.20)
            f0, rough_a, rough_b = np.float32(0.03), np.float32(0.22), np.float32(0.22)
        elif kind == IRIS:
            # The iris is a bowl under the lens of the cornea: light from one side lights the other.
            which = 0
            ex, ey, ez = x - irises[0, 0], y - irises[0, 1], z - irises[0, 2]
            px, py, pz = x - irises[1, 0], y - irises[1, 1], z - irises[1, 2]
            if px * px + py * py + pz * pz < ex * ex + ey * ey + ez * ez:
                which = 1
            gx, gy, gz = irises[which, 3], irises[which, 4], irises[which, 5]
            along = nx * gx + ny * gy + nz * gz
            dx = gx * (_ONE + np.float32(0.9) * along) - np.float32(0.9) * nx
            dy = gy * (_ONE + np.float32(0.9) * along) - np.float32(0.9) * ny
            dz = gz * (_ONE + np.float32(0.9) * along) - np.float32(0.9) * nz
            wrap_r, wrap_g, wrap_b = np.float32(0.25), np.float32(0.25), np.float32(0.25)
            dim = np.float32(1.25)
            f0 = _ZERO
        elif kind == TOOTH:
            wrap_r, wrap_g, wrap_b = np.float32(0.25), np.float32(0.22), np.float32(0.18)
            f0, rough_a, rough_b = np.float32(0.045), np.float32(0.28), np.float32(0.28)
            dim = open_
        elif kind == MOUTH:
            wrap_r, wrap_g, wrap_b = np.float32(0.30), np.float32(0.12), np.float32(0.12)
            f0, rough_a, rough_b = np.float32(0.03), np.float32(0.30), np.float32(0.30)
            dim = open_ * open_

        # Ambient light with coloured interreflection, and the wide reflection of the surroundings.
        cr = open_ * ((open_ * (np.float32(2.0404) * red - np.float32(0.3324)) - np.float32(4.7951) * red
                       + np.float32(0.6417)) * open_ + np.float32(2.7552) * red + np.float32(0.6903))  # fmt: skip
        cg = open_ * ((open_ * (np.float32(2.0404) * green - np.float32(0.3324)) - np.float32(4.7951) * green
                       + np.float32(0.6417)) * open_ + np.float32(2.7552) * green + np.float32(0.6903))  # fmt: skip
        cb = open_ * ((open_ * (np.float32(2.0404) * blue - np.float32(0.3324)) - np.float32(4.7951) * blue
                       + np.float32(0.6417)) * open_ + np.float32(2.7552) * blue + np.float32(0.6903))  # fmt: skip
        r = red * ar * max(open_, cr) * dim
        g = green * ag * max(open_, cg) * dim
        b = blue * ab * max(open_, cb) * dim
        mirror = (f0 + (_HALF - f0) * grazing5 * np.float32(0.35)) * open_ * open_
        r += mirror * ar
        g += mirror * ag
        b += mirror * ab

        for lamp in range(3):
            lx, ly, lz = towards[lamp, 0], towards[lamp, 1], towards[lamp, 2]
            facing = nx * lx + ny * ly + nz * lz
            if facing < np.float32(-0.45):
                continue
            light = dx * lx + dy * ly + dz * lz
            pass_r = clear
            pass_g = clear
            pass_b = clear
            if lamp == 0:
                if kind == SKIN or kind == LIP:  # the edge of a shadow bleeds red
                    edge = clear * (_ONE - clear)
                    pass_r = min(clear + edge * np.float32(0.55), _ONE)
                    pass_g = clear + edge * np.float32(0.06)
            else:
                aperture = _TWO * open_ * open_
                closed = min(max(abs(facing) + aperture - _ONE, _ZERO), _ONE)
                pass_r = closed
                pass_g = closed
                pass_b = closed
            if kind == CLOTH:
                lv = lx * vx + ly * vy + lz * vz
                nl = _positive(facing)
                s = lv - facing * nv
                t = max(nl, nv) if s > _ZERO else _ONE
                diffuse = nl * (np.float32(0.82) + np.float32(0.30) * s / t)
                sheen = grazing * grazing * grazing * _smooth(np.float32(-0.3), _ONE, facing) * np.float32(0.10)
                r += colours[lamp, 0] * pass_r * (red * diffuse + sheen * (_HALF * red + np.float32(0.15)))
                g += colours[lamp, 1] * pass_g * (green * diffuse + sheen * (_HALF * green + np.float32(0.15)))
                b += colours[lamp, 2] * pass_b * (blue * diffuse + sheen * (_HALF * blue + np.float32(0.15)))
                continue
            r += colours[lamp, 0] * pass_r * red * dim * _wrapped(light, wrap_r)
            g += colours[lamp, 1] * pass_g * green * dim * _wrapped(light, wrap_g)
            b += colours[lamp, 2] * pass_b * blue * dim * _wrapped(light, wrap_b)
            if facing <= _ZERO or f0 == _ZERO:
                continue
            hx, hy, hz = lx + vx, ly + vy, lz + vz
            length2 = hx * hx + hy * hy + hz * hz
            inverse = _ONE / math.sqrt(max(length2, np.float32(1e-6)))
            nh = min((nx * hx + ny * hy + nz * hz) * inverse, _ONE)
            vh = _HALF * length2 * inverse
            wide = abs(sizes[lamp]) * np.float32(0.25)
            a = min(rough_a * rough_a + wide, _ONE)
            specular = _ggx(nh, facing, nv, a)
            if mix > _ZERO:
                c = min(rough_b * rough_b + wide, _ONE)
                specular += mix * (_ggx(nh, facing, nv, c) - specular)
            fresnel = _ONE - vh
            fresnel2 = fresnel * fresnel
            fresnel = f0 + (_ONE - f0) * fresnel2 * fresnel2 * fresnel
            specular *= fresnel * facing * _PI * open_
            r += colours[lamp, 0] * pass_b * specular
            g += colours[lamp, 1] * pass_b * specular
            b += colours[lamp, 2] * pass_b * specular
        out[i, 0] = r
        out[i, 1] = g
        out[i, 2] = b
