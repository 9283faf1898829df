'use strict';
// One call by the node package soap: JSON in, JSON out, so that a test can drive it.
// It must not know anything of the gateway but the address of its ?wsdl.
//
// stdin:  {"wsdl": URL, "soap": "1.1" | "1.2", "operation": NAME, "fields": {...}}
// stdout: {"answer": {...}} or {"fault": {"code", "message", "detail"}};
//         with "sent" and "received", the messages as they were on the wire.
// Anything else, such as a gateway that cannot be reached, ends the process with an error.

const fs = require('node:fs');
const soap = require('soap');

async function outcome(call) {
  const client = await soap.createClientAsync(call.wsdl, {
    // The package does not take the version from the contract's binding: it has to be told.
    forceSoap12Headers: call.soap === '1.2',
  });
  const wire = () => ({ sent: client.lastRequest, received: client.lastResponse });
  try {
    const [answer] = await client[`${call.operation}Async`](call.fields);
    return { answer, ...wire() };
  } catch (error) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (fault === undefined) throw error;
    const told = call.soap === '1.2' ? [fault.Code.Value, fault.Detail] : [fault.faultcode, fault.detail];
    return { fault: { code: told[0], message: error.message, detail: told[1] }, ...wire() };
  }
}

outcome(JSON.parse(fs.readFileSync(0, 'utf8'))).then((result) => process.stdout.write(JSON.stringify(result) + '\n'));
