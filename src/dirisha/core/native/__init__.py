"""Our own core: clients, savings and loans on the ledger."""
