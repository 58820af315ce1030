"""The performers and the picture: body, splats, groom, performance, light, look, judge, host."""

import hashlib
import os
from pathlib import Path


def _keep_kernels_apart() -> None:
    """Compiled kernels go to a folder named after the sources: Numba sees no edit in a module that a kernel calls."""
    import platformdirs

    sources = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        source = path.read_bytes()
        if b"njit" in source:
            sources.update(source)
    folder = Path(platformdirs.user_cache_dir("greenroom")) / f"kernels-{sources.hexdigest()[:16]}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return  # then they lie beside the sources, or are compiled anew by every process
    os.environ.setdefault("NUMBA_CACHE_DIR", str(folder))


_keep_kernels_apart()
