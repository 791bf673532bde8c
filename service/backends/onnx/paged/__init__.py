"""Continuous batching by the engine of onnxruntime-genai, over models with paged attention."""
