"""Continuous batching on plain onnxruntime, over the models that the onnxruntime-genai builder writes."""
