"""Who may call what: partners, their credentials, rights and quotas, judged for each message before it is dispatched.

Knows messages as parsed envelopes (gateway/soap/guard.py is the door through which it is asked), no sockets, no Twisted, no Spyne.
"""
