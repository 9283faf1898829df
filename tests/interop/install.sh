#!/usr/bin/env bash
# Install what the clients of the interop tests need, where that can be done: Debian or its kin, as root. Says what is missing else;
# the tests of a client that cannot be had are then skipped, with the reason. suds and Zeep come with requirements.lock, the node
# package with tests/interop/node/package-lock.json.
set -uo pipefail

missing=()
php -m 2>/dev/null | grep -qi '^soap$' || missing+=(php-cli php-soap)
command -v node >/dev/null || missing+=(nodejs npm)
command -v soapcpp2 >/dev/null && [ -e /usr/include/stdsoap2.h ] || missing+=(gsoap libgsoap-dev)
command -v g++ >/dev/null || missing+=(g++)
[ -e /usr/include/rapidjson/document.h ] || missing+=(rapidjson-dev)
command -v javac >/dev/null || missing+=(openjdk-17-jdk-headless)
[ -e /usr/share/java/jaxws-tools.jar ] || missing+=(libjaxws-java)
[ -e /usr/share/java/gson.jar ] || missing+=(libgoogle-gson-java)
[ ${#missing[@]} = 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  if apt-get update -qq >/dev/null 2>&1 && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
    exit 0
  fi
  echo "interop: cannot be installed here: ${missing[*]}"
else
  echo "interop: as root, install: apt-get install ${missing[*]}"
fi
