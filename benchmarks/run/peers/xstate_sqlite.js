// SPDX-License-Identifier: MIT
// XState with better-sqlite3: a runner as one would write it by hand. The log is a table; batches of events are read,
// taken, and written in one transaction: the new snapshots, the commands, the cursor. Snapshots are kept in memory.
'use strict';
const measured = require('../../peers/measured.js');
const order = require('./order.js');
const Database = measured.require('better-sqlite3');
const { assign, createMachine, initialTransition, transition } = measured.require('xstate');

const machine = createMachine({
    type: 'parallel',
    context: { cents: 0 },
    states: {
        placement: { initial: 'unknown', states: { unknown: { on: { order_placed: 'placed' } }, placed: {} } },
        payment: {
            initial: 'awaiting',
            states: {
                awaiting: { on: { payment_received: 'paid', payment_timed_out: 'expired' } },
                expired: { on: { payment_received: 'paid' } },
                paid: {},
            },
        },
        cancellation: { initial: 'open', states: { open: { on: { order_cancelled: 'cancelled' } }, cancelled: {} } },
        delivery: { initial: 'waiting', states: { waiting: { on: { parcel_delivered: 'delivered' } }, delivered: {} } },
        money: {
            initial: 'counted',
            states: { counted: { on: { payment_received: {
                actions: assign({ cents: ({ context, event }) => context.cents + event.cents }) } } } },
        },
    },
});
const state_of = ({ value, context }) => ({
    placed: value.placement === 'placed', payment: value.payment, cancelled: value.cancellation === 'cancelled',
    delivered: value.delivery === 'delivered', cents: context.cents,
});

const database = new Database(measured.place);
database.pragma('journal_mode = WAL');
database.pragma('synchronous = FULL');
database.pragma('wal_autocheckpoint = 8192');
database.exec(`
    CREATE TABLE event(position INTEGER PRIMARY KEY, module TEXT, type TEXT, data TEXT);
    CREATE TABLE snapshot("order" TEXT PRIMARY KEY, snapshot TEXT) WITHOUT ROWID;
    CREATE TABLE command(position INTEGER, place INTEGER, name TEXT, "order" TEXT, PRIMARY KEY(position, place)) WITHOUT ROWID;
    CREATE TABLE cursor(reader TEXT PRIMARY KEY, position INTEGER)`);

const prepare = () => {
    const add = database.prepare('INSERT INTO event(module, type, data) VALUES(?, ?, ?)');
    database.transaction((events) => {
        for (const each of events) add.run(each.module, each.type, JSON.stringify(each.data));
    })(order.read(measured.input));
};

const run = () => {
    const page = database.prepare('SELECT position, type, data FROM event WHERE position > ? ORDER BY position LIMIT ?');
    const find = database.prepare('SELECT snapshot FROM snapshot WHERE "order" = ?');
    const save = database.prepare('INSERT OR REPLACE INTO snapshot VALUES(?, ?)');
    const send = database.prepare('INSERT INTO command VALUES(?, ?, ?, ?)');
    const move = database.prepare("INSERT OR REPLACE INTO cursor VALUES('order', ?)");
    const known = new Map();
    const load = (key) => {
        const found = known.get(key);
        if (found) return found;
        const row = find.get(key);
        return row ? machine.resolveState(JSON.parse(row.snapshot)) : initialTransition(machine)[0];
    };
    const take = database.transaction((rows) => {
        for (const { position, type, data } of rows) {
            const event = JSON.parse(data);
            const before = load(event.order);
            const [after] = transition(machine, before, { type, ...event });
            known.set(event.order, after);
            save.run(event.order, JSON.stringify({ value: after.value, context: after.context }));
            order.commands(state_of(before), state_of(after))
                .forEach((name, place) => send.run(position, place, name, event.order));
        }
        move.run(rows.at(-1).position);
    });
    for (let rows, at = 0; (rows = page.all(at, measured.together)).length > 0; at = rows.at(-1).position) take(rows);
};

const checksum = () => {
    const sent = new Map();
    for (const { name, order: key } of database.prepare('SELECT name, "order" FROM command').all())
        sent.set(key, [...(sent.get(key) ?? []), name]);
    return order.checksum(database.prepare('SELECT "order", snapshot FROM snapshot').all()
        .map((row) => [row.order, state_of(JSON.parse(row.snapshot)), sent.get(row.order) ?? []]));
};

measured.measure({ run: { prepare, run, checksum } }, () => database.close())
    .catch((error) => { console.error(error.message); process.exit(1); });
