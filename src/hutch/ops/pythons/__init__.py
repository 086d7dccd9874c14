"""Installing Pythons: which can be had, fetching them, who uses which, and what to do where none fits.

The verbs are ``python_install``, ``python_upgrade`` and ``python_uninstall``; what they share is here.
"""
