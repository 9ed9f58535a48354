// SPDX-License-Identifier: MIT
// Emmett on SQLite: appends to streams that are new, one after the other.
'use strict';
const measured = require('../../peers/measured.js');
const { getSQLiteEventStore } = measured.require('@event-driven-io/emmett-sqlite');

const store = getSQLiteEventStore({ fileName: measured.place });
const events = Array.from(
    { length: measured.together }, () => ({ type: 'payment_received', data: measured.data }));
// It does not wait for all of its own statements before it commits, and then sometimes cannot: so it is asked again.
const append = async (stream) => {
    for (let tries = 100; ; --tries) {
        try {
            return await store.appendToStream(stream, events, { expectedStreamVersion: 'STREAM_DOES_NOT_EXIST' });
        } catch (error) {
            if (error.code !== 'SQLITE_BUSY' || tries === 0) throw error;
        }
    }
};

measured.measure({
    append: {
        // The first one makes the schema.
        prepare: async () => { await append(measured.streams('first')[0]); return measured.streams('payment'); },
        run: (streams) => measured.share(streams, append),
    },
}, () => store.close?.()).catch((error) => { console.error(error.message); process.exit(1); });
