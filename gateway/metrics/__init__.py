"""What a gateway tells of itself in numbers: counted where it happens, gathered when Prometheus asks. Holds no number of a subscriber."""
