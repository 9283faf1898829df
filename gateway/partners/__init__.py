"""Outbound: a step's request becomes a message to the configured address of a party; the answer becomes a reply of the domain."""
