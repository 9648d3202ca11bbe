"""Pure vocabulary: money, ids, people, refusals, phone numbers, days. Imports nothing of ours."""
