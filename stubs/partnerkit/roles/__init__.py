"""The roles that the kit knows, by name; each module holds one."""
