"""Who is calling, what they may do, whose data they see: users, phones, links, secrets, codes, permissions, scope."""
