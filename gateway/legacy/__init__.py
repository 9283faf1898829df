"""Old wire forms of the field as other ways to the same operations: tables say what is called how, a reader and a writer follow them."""
