"""Starts the command line: python -m fer_core."""

import sys

from fer_core.cli.main import main

sys.exit(main())
