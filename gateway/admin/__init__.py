"""The admin API: JSON over HTTP on a port of its own, for the command line and the console; nobody else reads the store."""
