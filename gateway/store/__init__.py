"""Where everything durable lives: the engine's `Store` port in memory and in SQLite. Knows no wire and no reactor."""
