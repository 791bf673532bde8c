"""What plugins cost: their import, and each call."""
