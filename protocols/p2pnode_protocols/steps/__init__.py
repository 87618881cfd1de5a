"""The seam: what goes into the core, and what comes out (docs/architecture.md, The seam).

Inputs are facts, outputs are orders. `Core.handle(input, now)` returns one `Step`; the
shell carries it out in this order: `writes`, durable before anything is sent (R4.5), `sends`,
`notices`; then it calls again at `wake_at` at the latest.
"""
