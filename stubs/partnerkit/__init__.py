"""The partner kit: plays the gateway's side against a partner's endpoint, case by case, and says which rule is not kept and why."""
