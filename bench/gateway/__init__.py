"""What the service costs as a gateway to a model over the network; see `bench.gateway.__main__`."""
