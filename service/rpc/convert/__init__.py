"""Domain to contract and back; nothing else of the service knows both."""
