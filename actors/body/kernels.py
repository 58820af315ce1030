"""The arithmetic of posing, one pass each over vertices, triangles and Gaussians."""

from __future__ import annotations

import math

from numba import float32, njit

from actors.body.package import TILT_STEP

_OPTIONS = {"cache": True, "nogil": True, "fastmath": True}


@njit(**_OPTIONS)
def blend(rest, start, vertex, delta, active, amount, out):
    """out [Vc, 3] = rest + sum of ``amount`` [A] times the sparse displacements of shapes ``active`` [A]."""
    for i in range(len(rest)):
        for c in range(3):
            out[i, c] = rest[i, c]
    for a in range(len(active)):
        weight = amount[a]
        for j in range(start[active[a]], start[active[a] + 1]):
            i = vertex[j]
            for c in range(3):
                out[i, c] += weight * delta[j, c]


@njit(**_OPTIONS)
def refine(start, column, weight, coarse, out):
    """out [V, 3] = the subdivision stencil applied to coarse [Vc, 3]."""
    for i in range(len(out)):
        x = float32(0)
        y = float32(0)
        z = float32(0)
        for j in range(start[i], start[i + 1]):
            w = weight[j]
            k = column[j]
            x += w * coarse[k, 0]
            y += w * coarse[k, 1]
            z += w * coarse[k, 2]
        out[i, 0] = x
        out[i, 1] = y
        out[i, 2] = z


@njit(**_OPTIONS)
def keep_off(vertices, which, side, floor, centres):
    """Push vertices ``which`` [L] at least ``floor`` [L] metres off the eyeball's centre of their ``side`` [L]."""
    for j in range(len(which)):
        i = which[j]
        s = side[j]
        x = vertices[i, 0] - centres[s, 0]
        y = vertices[i, 1] - centres[s, 1]
        z = vertices[i, 2] - centres[s, 2]
        far = math.sqrt(x * x + y * y + z * z)
        if far < floor[j]:
            k = floor[j] / max(far, float32(1e-6))
            vertices[i, 0] = centres[s, 0] + x * k
            vertices[i, 1] = centres[s, 1] + y * k
            vertices[i, 2] = centres[s, 2] + z * k


@njit(**_OPTIONS)
def skin(vertices, bone, weight, matrices, out):
    """Linear blend skinning: out [V, 3] by up to four ``bone`` [V, 4] and ``weight`` [V, 4]; matrices [8, 3, 4]."""
    for i in range(len(vertices)):
        x = vertices[i, 0]
        y = vertices[i, 1]
        z = vertices[i, 2]
        for c in range(3):
            s = float32(0)
            for k in range(4):
                w = weight[i, k]
                if w > float32(0):
                    m = matrices[bone[i, k], c]
                    s += w * (m[0] * x + m[1] * y + m[2] * z + m[3])
            out[i, c] = s


@njit(**_OPTIONS)
def vertex_normals(vertices, triangles, out):
    """Area-weighted smooth normals into out [V, 3]."""
    for i in range(len(out)):
        out[i, 0] = float32(0)
        out[i, 1] = float32(0)
        out[i, 2] = float32(0)
    for t in range(len(triangles)):
        a = triangles[t, 0]
        b = triangles[t, 1]
        c = triangles[t, 2]
        ux = vertices[b, 0] - vertices[a, 0]
        uy = vertices[b, 1] - vertices[a, 1]
        uz = vertices[b, 2] - vertices[a, 2]
        vx = vertices[c, 0] - vertices[a, 0]
        vy = vertices[c, 1] - vertices[a, 1]
        vz = vertices[c, 2] - vertices[a, 2]
        nx = uy * vz - uz * vy
        ny = uz * vx - ux * vz
        nz = ux * vy - uy * vx
        for i in (a, b, c):
            out[i, 0] += nx
            out[i, 1] += ny
            out[i, 2] += nz
    for i in range(len(out)):
        x = out[i, 0]
        y = out[i, 1]
        z = out[i, 2]
        k = float32(1) / max(math.sqrt(x * x + y * y + z * z), float32(1e-20))
        out[i, 0] = x * k
        out[i, 1] = y * k
        out[i, 2] = z * k


@njit(**_OPTIONS)
def place(
    vertices, smooth, triangles, skin_start, skin_at, skin_tilt, loose_start, loose_offset, loose_quat, loose_scale,
    loose_kind, first_loose, means, quats, scales, normals,
):  # fmt: skip
    """Every Gaussian from its triangle; see actors.bake.bind for the formulas.

    skin_at [N, 4]: u, v, offset and size in multiples of k. skin_tilt [N, 2]: of normals along t and b, in
    TILT_STEP. loose_kind [M]: bit 0 strand, bit 1 the x axis is the
    tangent. Loose ones are written from ``first_loose`` on.
    """
    one = float32(1)
    two = float32(2)
    half = float32(0.5)
    third = float32(1 / 3)
    flat = float32(0.1)
    tilt = float32(TILT_STEP)
    for t in range(len(triangles)):
        s0 = skin_start[t]
        s1 = skin_start[t + 1]
        l0 = loose_start[t]
        l1 = loose_start[t + 1]
        if s0 == s1 and l0 == l1:
            continue
        ia = triangles[t, 0]
        ib = triangles[t, 1]
        ic = triangles[t, 2]
        ax = vertices[ia, 0]
        ay = vertices[ia, 1]
        az = vertices[ia, 2]
        ux = vertices[ib, 0] - ax
        uy = vertices[ib, 1] - ay
        uz = vertices[ib, 2] - az
        vx = vertices[ic, 0] - ax
        vy = vertices[ic, 1] - ay
        vz = vertices[ic, 2] - az
        edge = max(math.sqrt(ux * ux + uy * uy + uz * uz), float32(1e-9))
        tx = ux / edge
        ty = uy / edge
        tz = uz / edge
        nx = uy * vz - uz * vy
        ny = uz * vx - ux * vz
        nz = ux * vy - uy * vx
        area = max(math.sqrt(nx * nx + ny * ny + nz * nz), float32(1e-15))
        nx /= area
        ny /= area
        nz /= area
        k = half * (edge + area / edge)
        bx = ny * tz - nz * ty
        by = nz * tx - nx * tz
        bz = nx * ty - ny * tx
        # Quaternion of the columns t, b, n by the largest component (Markley 2008).
        trace = tx + by + nz
        if trace >= tx and trace >= by and trace >= nz:
            qw = one + trace
            qx = bz - ny
            qy = nx - tz
            qz = ty - bx
        elif tx >= by and tx >= nz:
            qw = bz - ny
            qx = one + two * tx - trace
            qy = ty + bx
            qz = nx + tz
        elif by >= nz:
            qw = nx - tz
            qx = ty + bx
            qy = one + two * by - trace
            qz = bz + ny
        else:
            qw = ty - bx
            qx = nx + tz
            qy = bz + ny
            qz = one + two * nz - trace
        norm = one / math.sqrt(qw * qw + qx * qx + qy * qy + qz * qz)
        qw *= norm
        qx *= norm
        qy *= norm
        qz *= norm
        if s0 != s1:
            nax = smooth[ia, 0]
            nay = smooth[ia, 1]
            naz = smooth[ia, 2]
            nux = smooth[ib, 0] - nax
            nuy = smooth[ib, 1] - nay
            nuz = smooth[ib, 2] - naz
            nvx = smooth[ic, 0] - nax
            nvy = smooth[ic, 1] - nay
            nvz = smooth[ic, 2] - naz
            for i in range(s0, s1):
                u = skin_at[i, 0]
                v = skin_at[i, 1]
                mx = nax + u * nux + v * nvx
                my = nay + u * nuy + v * nvy
                mz = naz + u * nuz + v * nvz
                inverse = one / math.sqrt(mx * mx + my * my + mz * mz + float32(1e-20))
                mx *= inverse
                my *= inverse
                mz *= inverse
                o = k * skin_at[i, 2]
                means[i, 0] = ax + u * ux + v * vx + o * mx
                means[i, 1] = ay + u * uy + v * vy + o * my
                means[i, 2] = az + u * uz + v * vz + o * mz
                p = tilt * skin_tilt[i, 0]
                q = tilt * skin_tilt[i, 1]
                mx += p * tx + q * bx
                my += p * ty + q * by
                mz += p * tz + q * bz
                inverse = one / math.sqrt(mx * mx + my * my + mz * mz)
                normals[i, 0] = mx * inverse
                normals[i, 1] = my * inverse
                normals[i, 2] = mz * inverse
                quats[i, 0] = qw
                quats[i, 1] = qx
                quats[i, 2] = qy
                quats[i, 3] = qz
                size = k * skin_at[i, 3]
                scales[i, 0] = size
                scales[i, 1] = size
                scales[i, 2] = flat * size
        cx = ax + third * (ux + vx)
        cy = ay + third * (uy + vy)
        cz = az + third * (uz + vz)
        for j in range(l0, l1):
            i = first_loose + j
            kind = loose_kind[j]
            unit = one if kind & 1 else k
            ox = unit * loose_offset[j, 0]
            oy = unit * loose_offset[j, 1]
            oz = unit * loose_offset[j, 2]
            means[i, 0] = cx + tx * ox + bx * oy + nx * oz
            means[i, 1] = cy + ty * ox + by * oy + ny * oz
            means[i, 2] = cz + tz * ox + bz * oy + nz * oz
            pw = loose_quat[j, 0]
            px = loose_quat[j, 1]
            py = loose_quat[j, 2]
            pz = loose_quat[j, 3]
            w = qw * pw - qx * px - qy * py - qz * pz
            x = qw * px + qx * pw + qy * pz - qz * py
            y = qw * py - qx * pz + qy * pw + qz * px
            z = qw * pz + qx * py - qy * px + qz * pw
            quats[i, 0] = w
            quats[i, 1] = x
            quats[i, 2] = y
            quats[i, 3] = z
            scales[i, 0] = unit * loose_scale[j, 0]
            scales[i, 1] = unit * loose_scale[j, 1]
            scales[i, 2] = unit * loose_scale[j, 2]
            if kind & 2:
                normals[i, 0] = one - two * (y * y + z * z)
                normals[i, 1] = two * (x * y + w * z)
                normals[i, 2] = two * (x * z - w * y)
            else:
                normals[i, 0] = two * (x * z + w * y)
                normals[i, 1] = two * (y * z - w * x)
                normals[i, 2] = one - two * (x * x + y * y)
