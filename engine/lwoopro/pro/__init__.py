"""Pro growth and the lumpsum cut: flow, scenarios, cost, cut, cash, monitoring, stress (§6)."""
