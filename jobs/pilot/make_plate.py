"""Paints the pilot's plate, a loft on a rainy evening seen out of focus: ``python jobs/pilot/make_plate.py``."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

WIDTH, HEIGHT = 1920, 1080
SEED = 11


def disc(radius: float) -> np.ndarray:
    """The blur of a round aperture, [k, k], sums to 1; its rim is slightly brighter, as in real lenses."""
    reach = int(np.ceil(radius)) + 1
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    distance = np.hypot(x, y)
    kernel = np.clip(radius + 0.5 - distance, 0, 1) * (0.85 + 0.3 * (distance / radius) ** 4)
    return (kernel / kernel.sum()).astype(np.float32)


def box(image: np.ndarray, left: float, top: float, right: float, bottom: float, colour: tuple[float, ...]) -> None:
    """Fills a rectangle; corners as fractions of the picture, colour linear."""
    h, w = image.shape[:2]
    image[int(top * h) : int(bottom * h), int(left * w) : int(right * w)] = colour


def street(rng: np.random.Generator) -> np.ndarray:
    """What is outside the window: dusk, blocks of flats with lit windows, a street far below; linear RGB."""
    h, w = HEIGHT, WIDTH
    y = np.linspace(0, 1, h)[:, None, None]
    sky = (1 - y) * np.array([0.10, 0.16, 0.28]) + y * np.array([0.36, 0.27, 0.25])
    image = np.broadcast_to(sky, (h, w, 3)).astype(np.float32).copy()
    for layer, haze in ((0, 0.65), (1, 0.35), (2, 0.12)):
        x = -0.05
        while x < 1.05:
            width = rng.uniform(0.05, 0.13)
            top = rng.uniform(0.18, 0.5) + 0.1 * layer
            wall = np.array([0.035, 0.045, 0.065]) * (1 - haze) + np.array([0.20, 0.23, 0.30]) * haze
            box(image, max(x, 0), top, max(x + width, 0), 1.0, tuple(wall * rng.uniform(0.8, 1.2)))
            for row in np.arange(top + 0.025, 0.95, 0.035):
                for column in np.arange(max(x, 0) + 0.008, x + width - 0.01, 0.014):
                    if rng.random() < 0.22:
                        warm = np.array([1.0, rng.uniform(0.5, 0.75), rng.uniform(0.18, 0.45)])
                        glow = warm * rng.uniform(0.5, 2.6) * (1 - 0.6 * haze)
                        box(image, column, row, column + 0.006, row + 0.015, tuple(glow))
            x += width + rng.uniform(-0.01, 0.02)
    return image


def lights(rng: np.random.Generator) -> np.ndarray:
    """Points of light (lamps, signs, wet reflections) that the lens turns into discs; linear RGB."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    colours = np.array([[1, 0.55, 0.2], [1, 0.72, 0.45], [0.35, 0.8, 0.9], [1, 0.22, 0.15], [0.9, 0.9, 1.0]])
    for _ in range(85):
        x, y = rng.integers(0, WIDTH - 4), int(np.clip(rng.normal(0.62, 0.14), 0.1, 0.98) * HEIGHT) - 4
        colour = colours[rng.choice(5, p=[0.42, 0.26, 0.1, 0.12, 0.1])]
        image[y : y + 4, x : x + 4] += colour * rng.gamma(1.4, 55.0)
    return image


def plate() -> np.ndarray:
    """The finished plate, [1080, 1920, 3] uint8 sRGB, RGB order."""
    rng = np.random.default_rng(SEED)
    outside = cv2.filter2D(street(rng), -1, disc(13)) + cv2.filter2D(lights(rng), -1, disc(21))
    rain = cv2.GaussianBlur(rng.standard_normal((HEIGHT, WIDTH)).astype(np.float32), (0, 0), sigmaX=5, sigmaY=150)
    outside *= (1 + 0.13 * rain / rain.std())[..., None].clip(0.5, 1.5)

    inside = np.empty((HEIGHT, WIDTH, 3), np.float32)
    x, y = np.meshgrid(np.linspace(0, 1, WIDTH), np.linspace(0, 1, HEIGHT))
    fall = np.exp(-(((x - 0.58) / 0.55) ** 2))[..., None]  # window light that grazes the wall
    inside[:] = np.array([0.024, 0.021, 0.020]) + fall * np.array([0.012, 0.017, 0.026])
    brick = np.sin(y * HEIGHT / 9.0) > 0.93
    inside[brick] *= 0.82
    opening = np.zeros((HEIGHT, WIDTH), np.float32)
    for column in range(4):  # a steel-framed factory window, left of the middle
        for row in range(4):
            left, top = 0.035 + column * 0.135, -0.03 + row * 0.2
            box(opening[..., None], left, top, left + 0.123, top + 0.188, (1.0,))
    inside[int(0.76 * HEIGHT) : int(0.785 * HEIGHT), : int(0.6 * WIDTH)] = (0.075, 0.085, 0.105)  # wet sill
    box(inside, 0.70, 0.50, 0.97, 0.525, (0.07, 0.05, 0.035))  # shelf
    for left, width, height in ((0.71, 0.05, 0.12), (0.77, 0.018, 0.15), (0.79, 0.02, 0.14), (0.90, 0.045, 0.09)):
        box(inside, left, 0.50 - height, left + width, 0.50, tuple(rng.uniform(0.03, 0.16, 3) * [1, 0.8, 0.6]))
    for left, top, width in ((0.66, 0.80, 0.15), (0.70, 0.655, 0.11), (0.83, 0.76, 0.16)):  # packed boxes
        box(inside, left, top, left + width, 1.0, (0.060, 0.041, 0.025))
        box(inside, left + width * 0.42, top, left + width * 0.55, 1.0, (0.085, 0.070, 0.050))
    lamp = np.exp(-(((x - 0.845) / 0.13) ** 2 + ((y - 0.30) / 0.26) ** 2))[..., None] * np.array([0.62, 0.31, 0.115])
    inside += lamp * 0.42
    shade = (np.abs(x - 0.845) < 0.036 + 0.06 * (y - 0.22)) & (y > 0.22) & (y < 0.34)
    inside[shade] = (2.3, 1.25, 0.52)
    box(inside, 0.8425, 0.34, 0.8475, 0.50, (0.05, 0.04, 0.03))

    inside = cv2.filter2D(inside, -1, disc(15))
    opening = cv2.filter2D(opening, -1, disc(11))[..., None]
    image = inside * (1 - opening) + outside * opening
    bloom = cv2.resize(cv2.GaussianBlur(cv2.resize(image, None, fx=0.125, fy=0.125), (0, 0), 14), (WIDTH, HEIGHT))
    image = 0.86 * image + 0.14 * bloom
    image *= (1 - 0.35 * ((x - 0.5) ** 2 + (y - 0.5) ** 2))[..., None]
    image = image * 1.25
    image = image / (1 + 0.35 * image)  # shoulder
    srgb = np.where(image <= 0.0031308, 12.92 * image, 1.055 * np.maximum(image, 1e-6) ** (1 / 2.4) - 0.055)
    srgb += rng.triangular(-1, 0, 1, image.shape[:2])[..., None] * 0.8 / 255  # dither: no bands in the dark
    return np.round(srgb.clip(0, 1) * 255).astype(np.uint8)


def main() -> None:
    path = Path(__file__).parent / "plates" / "loft.jpg"
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), plate()[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 88, cv2.IMWRITE_JPEG_OPTIMIZE, 1])
    print(f"{path.name}  {path.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
