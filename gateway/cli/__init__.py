"""The command line `vsopgw`: noun and verb. It speaks to running gateways through their admin API; the only room that knows stubs."""
