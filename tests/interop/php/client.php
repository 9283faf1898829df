<?php
// Calls by PHP's SoapClient: JSON lines in, JSON lines out (the protocol is in foreign.py).
// It must not know anything of the gateway but the addresses of its ?wsdl.

declare(strict_types=1);

const TYPES = 'urn:vas:types:v1';

function client_of(object $call): SoapClient
{
    static $clients = [];
    return $clients[$call->wsdl] ??= new SoapClient($call->wsdl, [
        'soap_version' => $call->soap === '1.2' ? SOAP_1_2 : SOAP_1_1,
        // SoapClient keeps contracts on disk by address for a day; each test run has its own gateway at the same addresses.
        'cache_wsdl' => WSDL_CACHE_NONE,
        // Without this a repeated element that came once is an object, and one that came twice is a list.
        'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
        'connection_timeout' => 10,
        'trace' => true,
    ]);
}

function outcome(object $call): array
{
    $client = client_of($call);
    $client->__setSoapHeaders($call->routing === null ? null : routing($call->routing));
    // Of a call that it refuses to send, SoapClient would show the messages of the call before.
    $before = $client->__getLastRequest();
    try {
        $told = ['answer' => $client->__soapCall($call->operation, [$call->fields])];
    } catch (SoapFault $fault) {
        if (isset($fault->detail)) {
            $told = ['fault' => ['code' => $fault->faultcode, 'message' => $fault->faultstring, 'detail' => $fault->detail]];
        } elseif (str_starts_with($fault->faultstring, 'SOAP-ERROR: Encoding:') || $client->__getLastRequest() === $before) {
            return ['refused' => $fault->faultstring, 'sent' => null, 'received' => null];
        } else {
            throw $fault;
        }
    }
    return $told + ['sent' => $client->__getLastRequest(), 'received' => $client->__getLastResponse()];
}

// The contract does not bind the header block, so its namespace has to be given element by element.
function routing(object $fields): SoapHeader
{
    $children = [];
    foreach ($fields as $name => $value) {
        $children[] = new SoapVar((string) $value, XSD_STRING, null, null, $name, TYPES);
    }
    return new SoapHeader(TYPES, 'Routing', new SoapVar($children, SOAP_ENC_OBJECT));
}

while (($line = fgets(STDIN)) !== false) {
    $call = json_decode($line, false, 512, JSON_THROW_ON_ERROR);
    echo json_encode(outcome($call), JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
}
