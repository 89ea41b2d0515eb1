"""Durable operations: slow work that survives the death of whoever is doing it.

model.py   what an operation and its steps are       tables.py  where they are kept
queue.py   asking for one, inside a transaction      engine.py  doing them: claim, run, retry, undo
leases.py  who does what only one may do             decide.py  what comes next, as pure functions
"""
