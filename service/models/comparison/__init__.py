"""Variants of a model side by side: what each takes, how fast and how good it is, and which one to take."""
