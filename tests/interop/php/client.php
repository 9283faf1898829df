<?php
// One call by PHP's SoapClient: JSON in, JSON out, so that a test can drive it.
// It must not know anything of the gateway but the address of its ?wsdl.
//
// stdin:  {"wsdl": URL, "soap": "1.1" | "1.2", "operation": NAME, "fields": {...}}
// stdout: {"answer": {...}}, {"fault": {"code", "message", "detail"}} or {"refused": TEXT} when the client itself would not send;
//         with "sent" and "received", the messages as they were on the wire.
// Anything else, such as a gateway that cannot be reached, ends the process with an error.

declare(strict_types=1);

$call = json_decode(stream_get_contents(STDIN), false, 512, JSON_THROW_ON_ERROR);
$client = new SoapClient($call->wsdl, [
    'soap_version' => $call->soap === '1.2' ? SOAP_1_2 : SOAP_1_1,
    // SoapClient keeps contracts on disk by address for a day; each test run has its own gateway at the same addresses.
    'cache_wsdl' => WSDL_CACHE_NONE,
    // Without this a repeated element that came once is an object, and one that came twice is a list.
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'connection_timeout' => 10,
    'trace' => true,
]);

try {
    $outcome = ['answer' => $client->__soapCall($call->operation, [$call->fields])];
} catch (SoapFault $fault) {
    if ($client->__getLastRequest() === null) {
        $outcome = ['refused' => $fault->faultstring];
    } elseif (isset($fault->detail)) {
        $outcome = ['fault' => ['code' => $fault->faultcode, 'message' => $fault->faultstring, 'detail' => $fault->detail]];
    } else {
        throw $fault;
    }
}

$outcome += ['sent' => $client->__getLastRequest(), 'received' => $client->__getLastResponse()];
echo json_encode($outcome, JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR), "\n";
