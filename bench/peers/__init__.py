"""The peers: what the gateway is measured against. Nothing here may import the gateway."""
