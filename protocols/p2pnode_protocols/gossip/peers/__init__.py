"""Who is connected: what each is told, what it may ask and costs, and what it says of others."""
