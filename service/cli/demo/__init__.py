"""Shows what vaiven does on a machine that has only just got it: a service of its own, and a client of that."""
