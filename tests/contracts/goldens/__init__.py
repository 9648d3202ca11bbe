"""What the arithmetic of the native core makes of recordings of the reference core, group by group."""
