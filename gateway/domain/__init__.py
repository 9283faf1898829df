"""The domain: numbers, parties, catalogue, subscribers, relations, orders, rules, routing. Pure: no clock, no wire, no storage."""
