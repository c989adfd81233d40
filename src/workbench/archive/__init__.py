"""Durable state: runs, editions and ledgers, each a folder of plain files."""
