"""How often the right function is called with the right arguments, and none where none fits."""
