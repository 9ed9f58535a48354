// SPDX-License-Identifier: MIT
// What the peers have in common: their arguments, the events they write, and how they are timed.
//
// A peer is run as `node PEER.js PACKAGES PLACE WORKLOAD COUNT [CLIENTS [TOGETHER [INPUT]]]`: PACKAGES holds node_modules, PLACE is
// the server or the file. It prepares what it needs, does the WORKLOAD for COUNT events, TOGETHER of them in each transaction, and
// prints the seconds that took, and the checksum of what came of it where it has one. INPUT is a file with the events.
'use strict';
const { randomUUID } = require('node:crypto');
const { createRequire } = require('node:module');
const { join, resolve } = require('node:path');

const [packages, place, workload, count, clients, together, input] = process.argv.slice(2);

// One of them tells of its troubles where the result is to be.
console.log = () => {};

exports.require = createRequire(join(resolve(packages ?? '.'), 'package.json'));
exports.place = place;
exports.count = Number(count);
exports.clients = Number(clients ?? 1);
exports.together = Number(together ?? 1);
exports.input = input;

// As large as the payload that the stores are given: 100 bytes of JSON.
exports.data = { paid: 'p'.repeat(100 - '{"paid":""}'.length) };

// Names that nobody has used, one for each transaction.
exports.streams = (category) =>
    Array.from({ length: Number(count) / exports.together }, () => `${category}-${randomUUID()}`);

// Has each of the clients take the next item until none is left.
exports.share = async (items, each) => {
    let next = 0;
    const work = async (client) => {
        while (next < items.length) await each(items[next++], client);
    };
    await Promise.all(Array.from({ length: exports.clients }, (_, client) => work(client)));
};

// workloads: { name: { prepare(count), run(prepared), checksum(prepared) } }; the last where there is one.
exports.measure = async (workloads, close) => {
    const chosen = workloads[workload];
    if (!chosen) throw new Error(`there is no workload '${workload}'`);
    const prepared = await chosen.prepare(Number(count));
    const begin = process.hrtime.bigint();
    await chosen.run(prepared);
    const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
    const checksum = await chosen.checksum?.(prepared);
    await close();
    process.stdout.write(`seconds ${seconds}\nchecksum ${checksum ?? 0}\n`);
};
