"""Where catalogs come from: Debian packages, downloaded into a cache and read without installing them."""

import re
import subprocess
import tarfile
from pathlib import Path
from typing import NamedTuple


class PackageError(Exception):
    """Something about packages that the user can put right; the text says how."""


class Package(NamedTuple):
    name: str
    most: int  # at most so many pairs are taken from it; 0: all


def read_package_list(path, language):
    """The packages named in a list: one a line, `#` begins a comment, {lang} becomes the language as Debian's package
    names spell it (pt_BR: pt-br), and `max=N` after a name limits how many pairs the package may give."""
    packages = []
    for number, line in enumerate(Path(path).read_text(encoding="utf-8").splitlines(), 1):
        words = line.split("#")[0].split()
        if not words:
            continue
        most = 0
        for word in words[1:]:
            limit = re.fullmatch(r"max=(\d+)", word)
            if not limit:
                raise PackageError(f"{path} line {number}: {word!r}, expected max=NUMBER or the end of the line")
            most = int(limit.group(1))
        name = words[0].replace("{lang}", language.lower().replace("_", "-").replace("@", "-"))
        if not re.fullmatch(r"[a-z0-9][a-z0-9+.-]+", name):
            raise PackageError(f"{path} line {number}: {name!r} is not the name of a Debian package")
        packages.append(Package(name, most))
    return packages


def download(names, cache, say):
    """Brings the packages into the cache. Returns {name: file of the package} for those that are there in the end;
    `say` is called with a line for each that cannot be had."""
    cache.mkdir(parents=True, exist_ok=True)
    found = {name: path for name in names if (path := _cached(cache, name))}
    missing = [name for name in names if name not in found]
    if missing:
        try:
            known = set(subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True).stdout.split())
        except FileNotFoundError:
            raise PackageError("apt-cache is not there: packages can be downloaded on Debian and its derivatives only; "
                               "use --from-deb or --from-dir elsewhere") from None
        wanted = [name for name in missing if name in known]
        if not wanted and not found:
            raise PackageError("apt knows none of the packages: run `apt-get update` (as root) first")
        for name in missing:
            if name not in known:
                say(f"no such package here, left out: {name}")
        if wanted:
            say(f"downloading {len(wanted)} packages into {cache}")
            result = _apt_download(wanted, cache)
            if result.returncode != 0:  # one that fails keeps apt from the others, so take them one by one
                for name in wanted:
                    if not _cached(cache, name):
                        result = _apt_download([name], cache)
                        if result.returncode != 0:
                            say(f"cannot download {name}: {_last_line(result.stderr)}")
            found.update({name: path for name in wanted if (path := _cached(cache, name))})
    if not found:
        raise PackageError("no package could be downloaded: is there a network? "
                           "If the lists of packages are old, run `apt-get update` (as root) first")
    return {name: found[name] for name in names if name in found}


def catalogs_in_deb(path, locales):
    """Yields (locale, domain, bytes) for each catalog of the given locales in a .deb file, in the order of names."""
    process = subprocess.Popen(["dpkg-deb", "--fsys-tarfile", str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    found = []
    try:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                locale, domain = _locale_and_domain(member.name)
                if member.isfile() and locale in locales:
                    found.append((locale, domain, archive.extractfile(member).read()))
        process.stdout.read()  # what follows the archive, so that dpkg-deb can end
    except tarfile.TarError as error:
        process.kill()
        raise PackageError(f"{path}: {_last_line(process.stderr.read().decode()) or error}") from None
    finally:
        process.stdout.close()
        messages = process.stderr.read().decode(errors="replace")
        process.stderr.close()
        status = process.wait()
    if status != 0:
        raise PackageError(f"{path}: {_last_line(messages)}")
    yield from sorted(found, key=lambda entry: entry[:2])


def catalogs_in_folder(path, locales):
    """The same for an unpacked tree, such as /usr/share/locale."""
    for file in sorted(Path(path).rglob("*.mo")):
        locale, domain = _locale_and_domain(str(file))
        if locale in locales and file.is_file():
            yield locale, domain, file.read_bytes()


def locales_of(language):
    """Names of the folders that hold a language's catalogs: de is also de_DE, while pt_BR is only pt_BR."""
    if "_" in language or "@" in language:
        return [language]
    return [language, f"{language}_{language.upper()}"]


def _locale_and_domain(path):
    parts = path.split("/")
    if len(parts) < 3 or parts[-2] != "LC_MESSAGES" or not parts[-1].endswith(".mo"):
        return None, None
    return re.sub(r"\.[^@]*", "", parts[-3]), parts[-1][:-3]  # de.UTF-8 is de


def _cached(cache, name):
    files = [path for path in cache.glob(f"{name}_*.deb") if path.stat().st_size > 0]
    return max(files, key=lambda path: path.stat().st_mtime, default=None)


def _apt_download(names, cache):
    # As root apt would drop to a user who may not write here, and says so; as anybody else the option changes nothing.
    command = ["apt-get", "-qq", "-o", "APT::Sandbox::User=root", "download", *names]
    return subprocess.run(command, cwd=cache, capture_output=True, text=True, stdin=subprocess.DEVNULL)


def _last_line(text):
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
