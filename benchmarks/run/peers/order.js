// SPDX-License-Identifier: MIT
// What the process managers for Node have in common: the events, the conditions of the effects, and the checksum of
// where all orders stand. See order_process.hpp and standing.hpp.
'use strict';
const { readFileSync } = require('node:fs');

// The events in the order of their times, { module, type, data }, from a file with one a line.
exports.read = (file) => readFileSync(file, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

exports.initial = () => ({ placed: false, payment: 'awaiting', cancelled: false, delivered: false, cents: 0 });

// The state after an event. Changes nothing in place.
exports.evolve = (state, event) => {
    switch (event.type) {
        case 'order_placed': return { ...state, placed: true };
        case 'order_cancelled': return { ...state, cancelled: true };
        case 'payment_received': return { ...state, payment: 'paid', cents: state.cents + event.data.cents };
        case 'payment_timed_out': return { ...state, payment: state.payment === 'paid' ? 'paid' : 'expired' };
        case 'parcel_delivered': return { ...state, delivered: true };
        default: throw new Error(`unknown event ${event.type}`);
    }
};

const standing = (state) => ({
    ship_order: state.placed && state.payment === 'paid' && !state.cancelled,
    refund_payment: state.payment === 'paid' && state.cancelled,
    send_invoice: state.payment === 'paid' && state.delivered,
});
const undone_by = { ship_order: 'recall_order' };

// The commands that lead from what stands before to what stands after.
exports.commands = (before, after) => {
    const [from, to] = [standing(before), standing(after)];
    return Object.keys(to).filter((name) => from[name] !== to[name])
        .map((name) => (to[name] ? name : undone_by[name]));
};

const bits = (1n << 64n) - 1n;
const hash = (line) => {
    let value = 0xcbf29ce484222325n;
    for (const byte of Buffer.from(line)) value = ((value ^ BigInt(byte)) * 0x100000001b3n) & bits;
    return value;
};

// Of [order, state, names of the commands that were sent], all orders.
exports.checksum = (orders) => {
    let sum = 0n;
    for (const [order, state, commands] of orders) {
        const sent = (name) => commands.filter((each) => each === name).length;
        sum += hash(`${order} ${state.placed ? 'placed' : 'unknown'} ${state.payment} ` +
            `${state.cancelled ? 'cancelled' : 'open'} ${state.delivered ? 'delivered' : 'waiting'} ${state.cents} ` +
            `${sent('ship_order') - sent('recall_order')} ${sent('refund_payment')} ${sent('send_invoice')}`);
    }
    return sum & bits;
};
