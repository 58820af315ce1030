"""What colour skin is: from how much melanin and blood it holds to linear Rec.709 albedo.

Two layers, after Jacques, "Skin optics" (Oregon Medical Laser Center News, 1998) and Donner & Jensen, "A spectral
BSSRDF for shading human skin" (EGSR 2006): a thin epidermis that filters light twice with melanin, over a deep dermis
whose diffuse reflectance follows from blood and scattering (Farrell, Patterson & Wilson, Medical Physics 19(4), 1992).
Jimenez et al., "A practical appearance model for dynamic facial color" (2010) use the same two parameters.
"""

from __future__ import annotations

import numpy as np

_NM = np.array([450, 460, 470, 480, 500, 520, 530, 540, 550, 560, 570, 580, 590, 600, 610, 620, 630, 640], np.float64)
# Molar extinction of oxy- and deoxyhaemoglobin, 1/(cm M), as tabulated by Prahl (omlc.org/spectra/hemoglobin, 1999).
_OXY = np.array([62816, 44480, 33209, 26629, 20932, 24202, 39957, 53236, 43016, 32613, 44496, 50104, 14401, 3200, 1506,
                 942, 610, 442], np.float64)  # fmt: skip
_DEOXY = np.array([103292, 23389, 16156, 14550, 20862, 31590, 39036, 46592, 53412, 53788, 45072, 37020, 28325, 14677,
                   9444, 6510, 5149, 4345], np.float64)  # fmt: skip

_OXYGENATION = 0.75
_HAEMOGLOBIN = 150.0 / 64500.0  # mol per litre of blood
_EPIDERMIS = 0.006  # cm
_PATH = 2.6  # mean path of diffuse light through the epidermis and back, in thicknesses
_REFLECTED = 3.25  # (1 + r) / (1 - r) for light that meets the surface from within, index 1.4

_MELANIN = 6.6e11 * _NM**-3.33  # 1/cm, a melanosome (Jacques 1998)
_BLOOD = 2.303 * _HAEMOGLOBIN * (_OXYGENATION * _OXY + (1 - _OXYGENATION) * _DEOXY)  # 1/cm
_BASELINE = 0.244 + 85.3 * np.exp(-(_NM - 154.0) / 66.2)  # 1/cm, skin without blood
_CAROTENE = 4.0 * np.exp(-0.5 * ((_NM - 462.0) / 28.0) ** 2)  # 1/cm, what tints skin yellow
_SHEEN = 0.016 * (_NM / 550.0) ** -1.0  # part that the horny layer scatters back before any melanin
_SCATTER = 1.35 * (2e5 * _NM**-1.5 + 2e12 * _NM**-4.0)  # 1/cm, reduced; of a face


def _bands() -> np.ndarray:
    """[18, 3]: share of each wavelength in linear Rec.709 red, green and blue under an even light, rows sum to 1.

    Bells where the camera of the engine looks; each at the dominant wavelength of its primary.
    """
    centre, width = np.array([606.0, 536.0, 468.0]), np.array([17.0, 30.0, 16.0])
    weight = np.exp(-0.5 * ((_NM[:, None] - centre) / width) ** 2)
    return weight / weight.sum(0)


_BANDS = _bands()


def albedo(
    melanin: np.ndarray, blood: np.ndarray, carotene: np.ndarray | float = 1.0, scatter: np.ndarray | float = 1.0
) -> np.ndarray:
    """Linear Rec.709 albedo [n, 3] of skin.

    ``melanin`` [n]: part of the epidermis, 0.01 pale to 0.40 very dark. ``blood`` [n]: part of the dermis, 0.002 pale
    to 0.05 flushed. ``carotene``: 1 is usual. ``scatter``: factor on the scattering of the dermis,
    below 1 where skin is thin or old.
    """
    melanin = np.clip(np.asarray(melanin, np.float64), 0.0, 0.6)[..., None]
    blood = np.clip(np.asarray(blood, np.float64), 0.0, 0.3)[..., None]
    scattering = np.asarray(scatter, np.float64)[..., None] * _SCATTER
    absorbed = blood * _BLOOD + (1 - blood) * _BASELINE + np.asarray(carotene, np.float64)[..., None] * _CAROTENE
    a = scattering / (scattering + absorbed)
    dermis = a / (1 + 2 * _REFLECTED * (1 - a) + (1 + 2 * _REFLECTED / 3) * np.sqrt(3 * (1 - a)))
    epidermis = np.exp(-_PATH * _EPIDERMIS * (melanin * _MELANIN + (1 - melanin) * _BASELINE))
    return (dermis * epidermis + _SHEEN) @ _BANDS
