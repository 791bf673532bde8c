"""Plans that the embedded model makes of sentences, with a registered service of another process."""
