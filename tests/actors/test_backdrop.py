from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from actors.backdrop import Backdrop, UnreadablePlate
from actors.lens import Lens, look_at
from actors.sets import build
from actors.splat_file import BrokenSplats, read_splats
from jobs.episode import Media, Plate
from jobs.presets import SETS

W, H = 320, 180
ONE = np.float32(1.0).tobytes()


def camera(azimuth: float = 0.0, distance: float = 1.3, focal: float = 50.0) -> Lens:
    a = np.radians(azimuth)
    eye = np.array([distance * np.sin(a), 1.6, distance * np.cos(a)])
    f = focal * W / 36
    return Lens(look_at(eye, np.array([0.0, 1.6, 0.0])), f, f, W / 2, H / 2, W, H)


def media(path: Path) -> Media:
    return Media(path=path, sha256="0" * 64)


def picture(path: Path, width: int = 400, height: int = 300) -> Path:
    import cv2

    ramp = np.zeros((height, width, 3), np.uint8)
    ramp[..., 2] = np.linspace(0, 255, width)[None, :]  # red grows to the right
    ramp[..., 1] = 90
    cv2.imwrite(str(path), ramp)
    return path


def test_a_still_fills_the_frame_with_scene_light(tmp_path):
    backdrop = Backdrop.load(Plate(image=media(picture(tmp_path / "p.png"))))
    image = backdrop.image(camera(), 0)
    assert image.shape == (H, W, 3) and image.dtype == np.float32
    assert np.isfinite(image).all() and (image[..., 1] > 0.03).all()  # no bars
    assert image[:, -40:, 0].mean() > image[:, :40, 0].mean()
    assert backdrop.cloud is None


def test_a_still_moves_with_the_camera(tmp_path):
    backdrop = Backdrop.load(Plate(image=media(picture(tmp_path / "p.png"))))
    left, right = (backdrop.image(camera(azimuth), 0)[..., 0].mean() for azimuth in (-30.0, 30.0))
    assert left > 1.1 * right  # a camera on the left looks at the right of the plate


def test_a_longer_lens_sees_less_of_a_still(tmp_path):
    backdrop = Backdrop.load(Plate(image=media(picture(tmp_path / "p.png"))))
    spans = []
    for focal in (35.0, 85.0):
        image = backdrop.image(camera(focal=focal), 0)
        spans.append(image[:, -20:, 0].mean() - image[:, :20, 0].mean())
    assert spans[1] < 0.85 * spans[0]


def test_a_colour_is_a_pool_of_light():
    image = Backdrop.load(Plate(colour=(0.4, 0.2, 0.2))).image(camera(), 0)
    assert image[80, 160, 0] > 1.3 * image[0, 0, 0]
    assert image[80, 160, 0] > image[80, 160, 1]


def footage(path: Path, frames: int = 12) -> Path:
    import av

    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for k in range(frames):
            level = np.full((48, 64, 3), 20 * k, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(level, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path


def test_footage_is_resampled_to_the_episode_and_loops(tmp_path):
    backdrop = Backdrop.load(Plate(video=media(footage(tmp_path / "v.mp4"))), fps=Fraction(24))
    levels = [float(backdrop.image(camera(), frame).mean()) for frame in range(26)]
    assert levels[0] == pytest.approx(levels[1], rel=0.02)  # two episode frames for each of 12 a second
    assert all(later > earlier for earlier, later in zip(levels[0:24:2], levels[2:24:2], strict=False))
    assert levels[24] == pytest.approx(levels[0], rel=0.05)  # 12 frames at 12 a second last 24 frames
    again = float(backdrop.image(camera(), 4).mean())  # going back
    assert again == pytest.approx(levels[4], rel=0.02)


@pytest.mark.parametrize("name", SETS)
def test_a_set_leaves_no_hole_behind_any_camera(name):
    backdrop = Backdrop.load(Plate(splats=name))
    for azimuth in range(0, 360, 30):
        backdrop.image(camera(azimuth, distance=1.5), 0)
        layers = backdrop._rasteriser.render(backdrop._far, camera(azimuth, distance=1.5).scaled(0.25), near=0.6)
        assert layers.alpha.min() > 0.9, azimuth


@pytest.mark.parametrize("name", SETS)
def test_a_set_is_the_same_every_time_and_not_too_heavy(name):
    one = build(name)
    build.cache_clear()
    other = build(name)
    assert 25_000 < len(one.means) < 60_000
    for field in ("means", "quats", "scales", "opacities", "reflected", "emitted"):
        values = getattr(one, field)
        assert values.tobytes() == getattr(other, field).tobytes()
        assert np.isfinite(values).all() and values.dtype == np.float32


def test_night_leaves_a_sets_lamps_on():
    night = np.array([0.1, 0.1, 0.2], np.float32)
    lens = camera()
    day, dark = (Backdrop.load(Plate(splats="diner"), surround=s).image(lens, 0) for s in (np.ones(3), night))
    assert np.median(dark) < 0.75 * np.median(day)
    assert dark.max() > 0.9 * day.max()


def test_a_set_turns_to_the_cameras_of_the_scene():
    straight = Backdrop.load(Plate(splats="loft")).image(camera(0), 0).copy()
    turned = Backdrop.load(Plate(splats="loft"), heading=90.0).image(camera(90), 0)
    assert np.abs(straight - turned).mean() < 0.02 * straight.mean()


def ply(path: Path, count: int = 10, *, header_count=None, names=None, kind="binary_little_endian") -> Path:
    names = names or ["x", "y", "z", "nx", "f_dc_0", "f_dc_1", "f_dc_2", "opacity",
                      "scale_0", "scale_1", "scale_2", "rot_0", "rot_1", "rot_2", "rot_3"]  # fmt: skip
    lines = [f"ply\nformat {kind} 1.0\ncomment a set\nelement vertex {header_count or count}"]
    lines += [f"property float {name}" for name in names]
    data = np.zeros((count, len(names)), "<f4")
    for k, name in enumerate(names):
        data[:, k] = {"x": 1.0, "y": 2.0, "z": 3.0, "opacity": 2.0, "scale_0": -3.0, "rot_0": 1.0}.get(name, 0.0)
    path.write_bytes("\n".join([*lines, "end_header\n"]).encode() + data.tobytes())
    return path


def test_a_scan_is_activated_and_turned_upright(tmp_path):
    cloud = read_splats(ply(tmp_path / "s.ply"))
    np.testing.assert_allclose(cloud.means[0], [1, -2, -3])
    np.testing.assert_allclose(cloud.scales[0], [np.exp(-3), 1, 1], rtol=1e-6)
    assert cloud.opacities[0] == pytest.approx(1 / (1 + np.exp(-2)))
    np.testing.assert_allclose(cloud.colours[0], 0.21, atol=0.03)  # half signal is 21 % grey
    np.testing.assert_allclose(np.abs(cloud.quats[0]), [0, 1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(read_splats(ply(tmp_path / "u.ply"), y_down=False).means[0], [1, 2, 3])


def test_a_small_splat_file_is_read(tmp_path):
    record = np.zeros(3, np.dtype([("p", "<f4", 3), ("s", "<f4", 3), ("c", "u1", 4), ("q", "u1", 4)]))
    record["p"], record["s"], record["c"], record["q"] = (1, 2, 3), 0.1, (255, 128, 0, 255), (255, 128, 128, 128)
    (tmp_path / "s.splat").write_bytes(record.tobytes())
    cloud = read_splats(tmp_path / "s.splat", y_down=False)
    np.testing.assert_allclose(cloud.means[0], [1, 2, 3])
    assert cloud.colours[0, 0] > cloud.colours[0, 1] > cloud.colours[0, 2]


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (lambda p: p.write_bytes(b"hello"), "no PLY header"),
        (lambda p: p.write_bytes(b""), "no PLY header"),
        (lambda p: ply(p, header_count=11), "cut short"),
        (lambda p: ply(p, header_count=999_999_999), "are allowed"),
        (lambda p: ply(p, kind="ascii"), "binary_little_endian"),
        (lambda p: ply(p, names=["x", "y", "z"]), "lacks the properties f_dc_0"),
        (lambda p: ply(p, names=["x", "x"]), "damaged header"),
        (lambda p: p.write_bytes(ply(p).read_bytes()[:-4] + np.float32(np.nan).tobytes()), "not finite"),
        (lambda p: p.write_bytes(ply(p).read_bytes().replace(ONE, np.float32(1e30).tobytes())), "km"),
    ],
)  # fmt: skip
def test_a_broken_scan_is_refused_with_its_fault(tmp_path, make, fault):
    path = tmp_path / "s.ply"
    make(path)
    with pytest.raises(BrokenSplats, match=fault):
        read_splats(path)


def test_a_scan_that_is_no_scan_is_refused(tmp_path):
    with pytest.raises(BrokenSplats, match="cannot be read"):
        read_splats(tmp_path / "none.ply")
    (tmp_path / "s.obj").write_text("v 0 0 0")
    with pytest.raises(BrokenSplats, match=r"\.obj"):
        read_splats(tmp_path / "s.obj")
    (tmp_path / "s.splat").write_bytes(b"x" * 33)
    with pytest.raises(BrokenSplats, match="rows of 32"):
        read_splats(tmp_path / "s.splat")


def test_plates_that_cannot_be_decoded_are_refused(tmp_path):
    junk = tmp_path / "junk.png"
    junk.write_bytes(b"not a picture")
    for plate in (Plate(image=media(junk)), Plate(video=media(junk)), Plate(image=media(tmp_path / "none.png"))):
        with pytest.raises(UnreadablePlate, match="png"):
            Backdrop.load(plate)
