// SPDX-License-Identifier: MIT
// A process manager with Emmett, the same on its two stores: a processor takes each event of the log in turn, reads the
// order's own stream, and appends what it did there, with the commands that this asks for.
'use strict';
const measured = require('../../peers/measured.js');
const order = require('./order.js');

// The state and what was sent, from the steps. A step of an event that is there already is a redelivery.
const evolve = ({ state, commands, taken }, { data }) => ({
    state: order.evolve(state, data.event), commands: [...commands, ...data.commands],
    taken: new Set([...taken, data.position]),
});
const initialState = () => ({ state: order.initial(), commands: [], taken: new Set() });

// SQLite: it does not wait for all of its own statements before it commits, and then sometimes cannot: so it is asked
// again.
const again = async (what) => {
    for (let tries = 1000; ; --tries) {
        try {
            return await what();
        } catch (error) {
            if (error.code !== 'SQLITE_BUSY' || tries === 0) throw error;
        }
    }
};

// within(context): what a handler reads and appends with, { read(stream), append(stream, events, options) }.
exports.measure = (store, within, close) => {
    const stream_of = (key) => `process-${key}`;
    const orders = new Set();
    const fold = ({ events }) => events.reduce(evolve, initialState());

    const prepare = async () => {
        for (const { module, type, data } of order.read(measured.input)) {
            orders.add(data.order);
            await again(() => store.appendToStream(`${module}-${data.order}`, [{ type, data }]));
        }
    };
    const take = async (event, { read, append }) => {
        const stream = stream_of(event.data.order);
        const position = String(event.metadata.globalPosition);
        const found = await read(stream);
        const { state, taken } = fold(found);
        if (taken.has(position)) return;
        const source = { type: event.type, data: event.data };
        const commands = order.commands(state, order.evolve(state, source));
        await append(stream, [{ type: 'order_step', data: { event: source, position, commands } }], {
            expectedStreamVersion: found.streamExists ? found.currentStreamVersion : 'STREAM_DOES_NOT_EXIST' });
    };
    let reading;
    const run = async () => {
        let left = measured.count;
        const consumer = store.consumer({ pulling: { batchSize: measured.together, pullingFrequencyInMs: 1 } });
        const begin = consumer.reactor ?? consumer.processor;
        begin({
            processorId: 'order',
            startFrom: 'BEGINNING',
            eachMessage: async (event, context) => {
                if (event.type === 'order_step') return;
                await take(event, within(context));
                --left;
            },
            stopAfter: () => left === 0,
        });
        reading = consumer; // to be closed at the end: with it goes what the store uses too
        await consumer.start();
    };
    const checksum = async () => {
        const all = [];
        for (const key of orders) {
            const { state, commands } = fold(await store.readStream(stream_of(key)));
            all.push([key, state, commands]);
        }
        return order.checksum(all);
    };
    measured.measure({ run: { prepare, run, checksum } }, async () => { await reading.close(); await close(); })
        .catch((error) => { console.error(error.stack); process.exit(1); });
};
