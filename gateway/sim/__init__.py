"""The whole system in one process on a virtual clock and an in-memory network, driven by one number, and what must hold in the end."""
