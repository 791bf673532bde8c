"""Documents that agents answer from: read, cut into passages, and found again."""
