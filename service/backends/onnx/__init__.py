"""Local models on onnxruntime-genai, each in a worker process of its own.

Nothing is imported here: the worker must start without Semantic Kernel.
"""
