'use strict';
// Calls by the node package soap: JSON lines in, JSON lines out (the protocol is in foreign.py).
// It must not know anything of the gateway but the addresses of its ?wsdl.

const readline = require('node:readline');
const soap = require('soap');

const TYPES = 'urn:vas:types:v1';
const clients = new Map();

async function clientOf(call) {
  if (!clients.has(call.wsdl)) {
    clients.set(call.wsdl, await soap.createClientAsync(call.wsdl, {
      // The package does not take the version from the contract's binding: it has to be told.
      forceSoap12Headers: call.soap === '1.2',
    }));
  }
  return clients.get(call.wsdl);
}

async function outcome(call) {
  const client = await clientOf(call);
  client.clearSoapHeaders();
  if (call.routing !== null) client.addSoapHeader(routing(call.routing));
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

// The contract does not bind the header block, so it is written by hand.
function routing(fields) {
  const children = Object.entries(fields).map(([name, value]) => `<t:${name}>${value}</t:${name}>`);
  return `<t:Routing xmlns:t="${TYPES}">${children.join('')}</t:Routing>`;
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(JSON.stringify(await outcome(JSON.parse(line))) + '\n');
  }
}

main();
