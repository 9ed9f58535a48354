// SPDX-License-Identifier: MIT
// Emmett on PostgreSQL: appends to streams that are new, one after the other.
'use strict';
const measured = require('../../peers/measured.js');
const { getPostgreSQLEventStore } = measured.require('@event-driven-io/emmett-postgresql');

const store = getPostgreSQLEventStore(measured.place);
const events = Array.from(
    { length: measured.together }, () => ({ type: 'payment_received', data: measured.data }));
const append = (stream) => store.appendToStream(
    stream, events, { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });

measured.measure({
    append: {
        // The first one makes the schema.
        prepare: async () => { await append(measured.streams('first')[0]); return measured.streams('payment'); },
        run: (streams) => measured.share(streams, append),
    },
}, () => store.close()).catch((error) => { console.error(error.message); process.exit(1); });
