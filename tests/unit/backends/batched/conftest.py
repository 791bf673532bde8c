"""onnxruntime is imported here, in the process of the tests: its telemetry must be off before."""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
