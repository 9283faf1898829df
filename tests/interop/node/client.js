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
    const prefix = call.as_given ? '' : prefixOf(client, call.operation);
    const [answer] = await client[`${call.operation}Async`](prefixed(call.fields, prefix));
    return { answer, ...wire() };
  } catch (error) {
    const fault = error.root?.Envelope?.Body?.Fault;
    if (fault === undefined) throw error;
    const told = call.soap === '1.2' ? [fault.Code.Value, fault.Detail] : [fault.faultcode, fault.detail];
    return { fault: { code: told[0], message: error.message, detail: told[1] }, ...wire() };
  }
}

// The package puts the children of a message into the namespace of the message's element. Where the contract says that its type, and
// so its children, belong to another one, the program has to write the WSDL's prefix before each name.
function prefixOf(client, operation) {
  const elements = Object.values(client.wsdl.definitions.schemas).map((schema) => schema.elements[operation]);
  const type = elements.find((element) => element !== undefined).$type ?? '';
  return type.startsWith('t:') ? 't:' : '';
}

function prefixed(value, prefix) {
  if (Array.isArray(value)) return value.map((item) => prefixed(item, prefix));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [prefix + name, prefixed(item, prefix)]));
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
