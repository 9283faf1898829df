"""Writes the reference of all settings: `python -m gateway.config > docs/configuration.md`."""

import sys

from gateway.config import config_reference

sys.stdout.write(config_reference())
