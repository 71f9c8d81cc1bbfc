"""The desk: where reports arrive, two people decide, and what they agree on is proposed to the endorsers."""
