#!/usr/bin/env bash
# Make the gSOAP client from the contracts, as a partner would: wsdl2h, soapcpp2, g++.
#   build.sh HERE WSDL_DIRECTORY OUT
set -euo pipefail
here=$1 wsdl=$2 out=$3
cd "$out"
# -x: no xs:any members, -o: one header of all contracts in both versions
wsdl2h -x -o all.h "$wsdl"/{vsop,ppm,ismp,ocs}.wsdl "$wsdl"/{vsop,ppm,ismp,ocs}.soap12.wsdl 2> wsdl2h.log || { cat wsdl2h.log >&2; exit 1; }
types=$(sed -n 's|^//gsoap \(\w*\)\s*schema namespace:\s*urn:vas:types:v1$|\1|p' all.h)
# The contracts do not bind the optional header block Routing: a partner that sends it declares it by hand.
echo "mutable struct SOAP_ENV__Header { ${types}__RoutingType *${types}__Routing; };" >> all.h
soapcpp2 -C -j -x -w -I/usr/share/gsoap/import all.h > soapcpp2.log 2>&1 || { cat soapcpp2.log >&2; exit 1; }
python3 "$here/glue.py" "$out"
flags=(-std=c++17 -O0 -w -I. -DROUTING="${types}__Routing" -DFAULT="${types}__ContractFault")
# The serialisers and the rest side by side: the machine has two cores.
g++ "${flags[@]}" -c soapC.cpp & serialisers=$!
cat soap*Proxy.cpp > proxies.cpp
g++ "${flags[@]}" -c proxies.cpp
g++ "${flags[@]}" -c "$here/client.cpp"
wait "$serialisers"
g++ -o client client.o proxies.o soapC.o -lgsoap++
