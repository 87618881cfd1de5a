"""How more becomes final: commits and their receipts, the next epoch, leaps, rebuilds."""
