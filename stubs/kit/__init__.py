"""What all partner stubs share: settings, journal, world, magic numbers, serving, calling; knows no single partner."""
