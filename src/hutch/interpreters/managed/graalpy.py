"""GraalPy: the community edition, by the hashes that pyenv publishes. pbs-installer does not have it.

No address stands here. The archives lie beside the other releases of the place where the table of builds has
CPython, so that is asked for its host; a mirror is asked for the name of the file.
"""

from __future__ import annotations

from hutch.interpreters.managed.builds import Build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

    from hutch.interpreters.managed.host import Host

__all__ = ["graalpy_builds"]

# GraalPy's version, Python's, the platform in the name, sha256. Of Windows no hashes are published there.
_TABLE = """
23.1.2 3.10 linux-amd64 27577bded9dd742c7b9b8e5315cec286657edb5842968cc966aa451ddc8729d9
23.1.2 3.10 linux-aarch64 c993484132b9e196d351570ba6a74632eb8695767e383ca86ba1092c4484ff7a
23.1.2 3.10 macos-amd64 e74d586f114b33e55e1a6849672e1a0ea5bd372d8f4a501b532d221c61915d3c
23.1.2 3.10 macos-aarch64 d269f5fdb3e8ae323554de2876ef25d43aaa86867edc41f2b76ea53a27ee3662
24.0.0 3.10 linux-amd64 a77892d8d6b897b70b4226aa1b6abc8c41e824ae98d727429542b0157ae6f8d9
24.0.0 3.10 linux-aarch64 201e2bad0ed59efc89654a77ae1634302111b3ffb9af53f9ee63ab43b735e5c3
24.0.0 3.10 macos-amd64 7c816beb8c8b46ee0de60861f739c274efbc744304aa9034bffbd0319f13701d
24.0.0 3.10 macos-aarch64 7f5540a28cf5c2c628cd003c3eb86bfa0a07175dae7d9b6528b40c44c4927402
24.1.1 3.11 linux-amd64 42a6b563271174161a1abca4b045b0602d8e27c12204f3cadd31265fd3ff6d19
24.1.1 3.11 linux-aarch64 a513ea3036a48a6cee8cfa666bff7b5e6b1a1b6cf623400109fbf856476e9bd3
24.1.1 3.11 macos-amd64 7f5591074dbd701faa6dec6ea10391bc2d8af736fe8370c5675a11842959edd7
24.1.1 3.11 macos-aarch64 53f6161d0f9871efaf1f62f2c1894152da0bb2b504a95ebad6f35b19de994f77
24.1.2 3.11 linux-amd64 d1bf37fb9edf8065e6dab4f351d2006acaff2b2e692cfaea07199380c892ee0c
24.1.2 3.11 linux-aarch64 2568d5f7f3b9d8827de33eb864783c1fed4bc3e729a6fd14e072311c5105346f
24.1.2 3.11 macos-amd64 29f9f19604bf2f7d255add89fa5639d6aab6877799414cb820398fed8ef3d5bb
24.1.2 3.11 macos-aarch64 dcc4fa73cdb866e88c51219ddf9b9689b62633fc8304649372fe8ada4e03957d
24.2.0 3.11 linux-amd64 a3be9d91af186e270819cd3983507e073eeba33a303c5e5bec05ed1ac6078262
24.2.0 3.11 linux-aarch64 6d5792eaebdf7847e1e75089f5d1f15f3762e55b8c69ea5631108c0e737cbf45
24.2.0 3.11 macos-amd64 4a16be069341bdb3597d39c09eb11bfb994504f1c4c4b114cbb4489555229b6f
24.2.0 3.11 macos-aarch64 bed8b15bc260a899766a2051d87c6fe9172c30751fa9c2e9a7ea2f5c8c49b781
24.2.1 3.11 linux-amd64 96c1f332604f8425df0bb694d435d932cdf21c302e452cd10cf78a1626ba90a0
24.2.1 3.11 linux-aarch64 676eefe6011a1a2c01997c7a3cea92817f0d9de7e608d561eb5255a1e5350eff
24.2.1 3.11 macos-amd64 0d0a50cc93457bdebab992af287a275d0b364fcbd90b68cdf08ae9c64e3a1aca
24.2.1 3.11 macos-aarch64 ec31fc1f024938e6dc193013a365c23ad3d532498c93c80c3af607a853964909
24.2.2 3.11 linux-amd64 384642677b76c26d6be1cf6bce2bc94d49df53845dd506414d95e2322bc9ac5d
24.2.2 3.11 linux-aarch64 b91dbf13945443320c7ed0c806af174689f94125b5708d3818cbd8d99ee18b40
24.2.2 3.11 macos-amd64 46b8800a675f27745705c4db363306836fd7e706d4c01d75582f535ed1cea6c0
24.2.2 3.11 macos-aarch64 c280e6c629c45e00bd91f038c001ce02956e92ad206e6582c2a1634751695468
25.0.0 3.12 linux-amd64 628d5e2af40b2a3ca694bbea169388394dd30fe0727a3f1b4c92319d7bb788d5
25.0.0 3.12 linux-aarch64 7065492dea48a31adb5894379cd35acfd479c5a4158f3496f1485adedacf9bbb
25.0.0 3.12 macos-amd64 1b866e651f0016cfdc8d5d4f8e64023cd26024755d4fe5bef86d02f1a9b701ec
25.0.0 3.12 macos-aarch64 cec1e964f75ca5e881830e8670acea9486d589c1db909adf2ba974f16650bb58
25.0.1 3.12 linux-amd64 5ac049e3e13a9b04eead81851e59dfc794278ffec1933ff429378c1a70c88d32
25.0.1 3.12 linux-aarch64 2ea15f932e6e25b21edd0a2713b294ce91c1dca571414fcdff297028f1313de5
25.0.1 3.12 macos-amd64 f7834df0a7c5087de746ae0b0143eda8cfc456c34ddccdc64817491a10e5294b
25.0.1 3.12 macos-aarch64 f89b15b75f456240089dd50e06128aa7357371ee85098a04dc4a4cd34a65f0c9
25.0.2 3.12 linux-amd64 8db86f13c0b701bab0780e8821052a40303c08b83fdc9c21da06605d14d4cc79
25.0.2 3.12 linux-aarch64 98f7b9dea867c45cde5c2886b7544bd267242b2fa93586f2c9d3d38e88d5d109
25.0.2 3.12 macos-aarch64 c64bef17f34d42327d5c3fe40c05eddf791c3653cc8366f6bf1149b51ce9d517
"""
_PLATFORMS = {
    "linux-amd64": ("linux", "x86_64", "gnu"),
    "linux-aarch64": ("linux", "aarch64", "gnu"),
    "macos-amd64": ("macos", "x86_64", "none"),
    "macos-aarch64": ("macos", "aarch64", "none"),
}
_PLACE = "/releases/download/"


def graalpy_builds(host: Host, others: Iterable[Build]) -> tuple[Build, ...]:
    """Those for ``host``. ``others`` tell where releases are; without one of them there is no address."""
    origin = _origin(others)
    found = []
    for line in _TABLE.split("\n"):
        if not line:
            continue
        release, python, platform, sha256 = line.split()
        system, machine, libc = _PLATFORMS[platform]
        if not host.runs(system, machine, libc):
            continue
        filename = f"graalpy-community-{release}-{platform}.tar.gz"
        url = f"{origin}/oracle/graalpython{_PLACE}graal-{release}/{filename}" if origin else ""
        found.append(
            Build(
                implementation="graalpy",
                version=f"{python}.0",
                free_threaded=False,
                os=system,
                machine=machine,
                libc=libc,
                filename=filename,
                url=url,
                sha256=sha256,
                release=release,
            )
        )
    return tuple(found)


def _origin(others: Iterable[Build]) -> str:
    for build in others:
        if build.implementation == "cpython" and _PLACE in build.url:
            scheme, _, rest = build.url.partition("://")
            return f"{scheme}://{rest.partition('/')[0]}"
    return ""
