"""The Mifos X self-service API (`/fineract-provider/api/v1/self/…`), for the client apps that are published for it.

Every answer, refusals included, has the shape that those apps read. What a transfer without an `Idempotency-Key` means:
each POST is a wish of its own, as on Apache Fineract, so an app that may send twice should send a key.
"""
