"""Progressive loans: installments that follow from the rate of each period, and payments spread by a rule list.

Source: Fineract's `fineract-progressive-loan`; loan-math §13, §10 last row, §17.
"""
