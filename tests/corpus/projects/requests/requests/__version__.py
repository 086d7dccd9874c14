__title__ = "requests"
__version__ = "2.32.3"
