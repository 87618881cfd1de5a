"""What people see: the state with what is not final, a proposal's view, why it stands so."""
