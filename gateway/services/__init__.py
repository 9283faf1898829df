"""Inbound: one module per served contract. Map a message to the domain, start or wake a flow, map back."""
