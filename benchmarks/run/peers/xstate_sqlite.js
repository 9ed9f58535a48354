// SPDX-License-Identifier: MIT
// XState with better-sqlite3, twice; the log is a table.
// - `actors`: as XState's page on persistence has it. An order is an actor that is restored from its snapshot in the database; each
//   event is a transaction of its own, of the new snapshot, the commands, and the cursor.
// - `run`: as fast as a hand can make it. Batches of events are taken and written in one transaction, by the pure `transition`
//   and without actors; snapshots are kept in memory.
'use strict';
const measured = require('../../peers/measured.js');
const order = require('./order.js');
const Database = measured.require('better-sqlite3');
const { assign, createActor, createMachine, initialTransition, transition } = measured.require('xstate');

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

const statements = () => ({
    page: database.prepare('SELECT position, type, data FROM event WHERE position > ? ORDER BY position LIMIT ?'),
    find: database.prepare('SELECT snapshot FROM snapshot WHERE "order" = ?'),
    save: database.prepare('INSERT OR REPLACE INTO snapshot VALUES(?, ?)'),
    send: database.prepare('INSERT INTO command VALUES(?, ?, ?, ?)'),
    move: database.prepare("INSERT OR REPLACE INTO cursor VALUES('order', ?)"),
});
const pages = (page, take) => {
    for (let rows, at = 0; (rows = page.all(at, measured.together)).length > 0; at = rows.at(-1).position) take(rows);
};

const actors = () => {
    const { page, find, save, send, move } = statements();
    const take = database.transaction(({ position, type, data }) => {
        const event = JSON.parse(data);
        const stored = find.get(event.order);
        const actor = createActor(machine, stored ? { snapshot: JSON.parse(stored.snapshot) } : {}).start();
        const before = actor.getSnapshot();
        actor.send({ type, ...event });
        save.run(event.order, JSON.stringify(actor.getPersistedSnapshot()));
        order.commands(state_of(before), state_of(actor.getSnapshot()))
            .forEach((name, place) => send.run(position, place, name, event.order));
        move.run(position);
        actor.stop();
    });
    pages(page, (rows) => rows.forEach((row) => take(row)));
};

const run = () => {
    const { page, find, save, send, move } = statements();
    const known = new Map();
    const load = (key) => {
        const found = known.get(key);
        if (found) return found;
        const row = find.get(key);
        return row ? machine.resolveState(JSON.parse(row.snapshot)) : initialTransition(machine)[0];
    };
    pages(page, database.transaction((rows) => {
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
    }));
};

const checksum = () => {
    const sent = new Map();
    for (const { name, order: key } of database.prepare('SELECT name, "order" FROM command').all())
        sent.set(key, [...(sent.get(key) ?? []), name]);
    return order.checksum(database.prepare('SELECT "order", snapshot FROM snapshot').all()
        .map((row) => [row.order, state_of(JSON.parse(row.snapshot)), sent.get(row.order) ?? []]));
};

measured.measure({ run: { prepare, run, checksum }, actors: { prepare, run: actors, checksum } }, () => database.close())
    .catch((error) => { console.error(error.message); process.exit(1); });
