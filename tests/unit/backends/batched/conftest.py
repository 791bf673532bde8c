"""onnxruntime is imported here, in the process of the tests: its telemetry must be off before."""

from __future__ import annotations

import importlib.util
import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# The extra for DirectML comes without it, and then nothing runs batched.
collect_ignore_glob = [] if importlib.util.find_spec("llguidance") else ["test_*.py"]
