"""The training text of colibri: grammars written here, nothing collected."""
