'use strict';
// The node soap peer: serves wsdl/vsop.wsdl's subscribeToVSOP with a fixed answer.
// It must not know anything of the gateway but its contract. node soap checks no facet, length or order of the contract.

const fs = require('node:fs');
const http = require('node:http');
const path = require('node:path');
const soap = require('soap');

const ROOT = path.resolve(__dirname, '..', '..', '..');
const CONTRACT = path.join(ROOT, 'wsdl', 'vsop.wsdl');
const ANSWER = JSON.parse(fs.readFileSync(path.join(ROOT, 'bench', 'answer.json'), 'utf8'));
const port = Number(process.argv[2] || 0);

const services = {
  VsopService: {
    VsopSoap11Port: {
      subscribeToVSOP(request) {
        return { StreamingNo: request.StreamingNo, ...ANSWER };
      },
    },
  },
};

const server = http.createServer((_request, response) => {
  response.statusCode = 404;
  response.end();
});
// Idle connections outlive the pauses between interleaved repetitions.
server.keepAliveTimeout = 600_000;

server.listen(port, '127.0.0.1', () => {
  soap.listen(server, {
    path: '/services/vsop',
    services,
    xml: fs.readFileSync(CONTRACT, 'utf8'),
    uri: CONTRACT,
    // One write with a Content-Length is the faster of the two for this peer.
    enableChunkedEncoding: false,
    callback(error) {
      if (error) throw error;
      process.stdout.write(JSON.stringify({ port: server.address().port }) + '\n');
    },
  });
});

process.on('SIGTERM', () => process.exit(0));
