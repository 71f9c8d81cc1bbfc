"""What two people settle about their conversation beside what they write: messages that disappear, deletion, receipts,
typing."""
