"""SMS and USSD gateways: what the house needs from one (`port`), and each of them behind it."""
