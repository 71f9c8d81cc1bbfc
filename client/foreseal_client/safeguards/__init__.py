"""Contact safeguards: the rules by which strangers, new contacts and young people's profiles are treated. Values and
rules without I/O; what they lead to on a device stands in `request_desk.py`, `new_contacts.py` and `keeping.py`."""
