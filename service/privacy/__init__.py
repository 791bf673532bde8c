"""Personal data: found, replaced by pseudonyms before a text leaves the house, and put back in the answer."""
