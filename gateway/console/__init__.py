"""The web console: pages for operators. It reads gateways through their admin API alone; must know no store and no engine."""
