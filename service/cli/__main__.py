"""`python -m service.cli` is `vaiven`."""

from service.cli.app import main

main()
