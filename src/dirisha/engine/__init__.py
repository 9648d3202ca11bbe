"""How an act runs: quote, claim, proof, limits, policy, carrying out, audit, notices and result, in one transaction."""
