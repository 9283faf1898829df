"""The VSOP gateway: routes subscription and sync requests between the provincial and the group tier."""
