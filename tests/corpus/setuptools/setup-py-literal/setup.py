from setuptools import find_packages, setup

setup(
    name="shop",
    version="1.0",
    packages=find_packages(),
    python_requires=">=3.8",
    install_requires=[
        "flask>=2",  # the web
        "colorama; sys_platform == 'win32'",
    ],
    extras_require={
        "test": ["pytest"],
        ":python_version < '3.11'": ["tomli"],
        "fast:implementation_name == 'cpython'": ["orjson>=3; python_version > '3.8'"],
    },
    entry_points={"console_scripts": ["shop = shop.cli:main"]},
)
