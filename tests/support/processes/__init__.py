"""The same as processes of their own: started, told, killed."""
