"""How Mifos X and Fineract write their objects as JSON: one hand for the self-service door and the stand-in core."""
