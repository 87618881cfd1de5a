"""Who is let in, where peers stand and listen, and how those are treated that misbehave."""
