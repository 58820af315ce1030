"""A host as a Ray process. Calls in the group "pulse" are answered while a shot is performed."""

from __future__ import annotations

import ray

from actors.host import PerformerHost

PULSE = "pulse"

HostActor = ray.remote(max_restarts=0, max_task_retries=0, concurrency_groups={PULSE: 1})(PerformerHost)
