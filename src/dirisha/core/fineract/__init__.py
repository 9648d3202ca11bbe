"""Apache Fineract as the core bank: its staff API, asked as one service user.

`core` fulfils the port. `calls` says what is called, `http` speaks, `link` bounds how much and how long, `facts` reads
answers, `reader` keeps within the scope, `orders` moves money, `refusals` translates a no, `check` looks at the whole.
"""
