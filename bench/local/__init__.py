"""The local engine beside its peers: the same weights, the same requests, one run (`python -m bench.local`)."""
