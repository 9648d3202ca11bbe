"""Africa's Talking on a desk: the SMS endpoint that carriers post to, and the phones that it delivers to."""
