"""Places: units with their dates and mergers, lists of villages, and which of them a position lies in.

Why is a unit a code *and* a date? Because codes were given out again on 1 July 2025: 05977 was Phường Vĩnh
Trại and is Phường Đông Kinh. Whoever looks a code up here says on which day it was written.
"""
