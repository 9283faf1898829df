"""Pages for those who integrate: what each contract asks and answers, with samples, flows and result codes; made from the contracts."""
