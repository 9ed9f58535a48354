// SPDX-License-Identifier: MIT
// Message DB: its SQL functions, called through `pg` with prepared statements.
'use strict';
const { randomUUID } = require('node:crypto');
const { readdirSync, readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const measured = require('../../peers/measured.js');
const { Client } = measured.require('pg');

const database = join(dirname(measured.require.resolve('@eventide/message-db/package.json')), 'database');

// What its install.sh does with psql, in the same order; the rights of its role are of no account here.
const install = async (client) => {
    const file = (name) => client.query(readFileSync(join(database, name), 'utf8').replace(/CONCURRENTLY/gi, ''));
    await client.query('SELECT pg_advisory_lock(1)');
    const found = await client.query("SELECT to_regclass('message_store.messages') AS messages");
    if (!found.rows[0].messages) {
        await file('schema/message-store.sql');
        await client.query('SET search_path = message_store, public');
        await file('extensions/pgcrypto.sql');
        await file('tables/messages.sql');
        await file('types/message.sql');
        const functions = 'message-store-version hash-64 acquire-lock category is-category id cardinal-id stream-version ' +
            'write-message get-stream-messages get-category-messages get-last-stream-message';
        for (const name of functions.split(' ')) await file(`functions/${name}.sql`);
        for (const name of readdirSync(join(database, 'indexes')).sort()) await file(`indexes/${name}`);
    }
    await client.query('SELECT pg_advisory_unlock(1)');
};

const connected = [];
const connect = async () => {
    const client = new Client({ connectionString: measured.place });
    await client.connect();
    await client.query('SET search_path = message_store, public');
    connected.push(client);
    return client;
};

const data = JSON.stringify(measured.data);
const write = (client, stream) => client.query({
    name: 'write', text: 'SELECT write_message($1::varchar, $2::varchar, $3::varchar, $4::jsonb, $5::jsonb, $6::bigint)',
    values: [randomUUID(), stream, 'payment_received', data, null, -1],
});

// Several messages in one transaction and one round trip, each of a stream of its own as in the other benchmarks. Message DB
// has no function for it.
const writeTogether = (client, stream) => client.query({
    name: 'write_together',
    text: 'SELECT write_message(id, stream, $3::varchar, $4::jsonb, $5::jsonb, $6::bigint) ' +
        'FROM unnest($1::varchar[], $2::varchar[]) message(id, stream)',
    values: [
        Array.from({ length: measured.together }, () => randomUUID()),
        Array.from({ length: measured.together }, (_, index) => `${stream}${index}`),
        'payment_received', data, null, -1,
    ],
});
const append = measured.together > 1 ? writeTogether : write;

// Of one category, in pages of 1,000.
const read = async (client, count) => {
    let seen = 0;
    for (let position = 1n; seen < count;) {
        const page = await client.query({
            name: 'read', text: 'SELECT * FROM get_category_messages($1::varchar, $2::bigint, $3::bigint)',
            values: ['readable', position.toString(), 1000],
        });
        if (page.rows.length === 0) throw new Error(`only ${seen} of ${count} events are there`);
        seen += page.rows.length;
        position = BigInt(page.rows.at(-1).global_position) + 1n;
    }
};

const fill = async (client, count) => {
    const present = await client.query("SELECT count(*) FROM messages WHERE category(stream_name) = 'readable'");
    await client.query('BEGIN');
    for (let at = Number(present.rows[0].count); at < count; ++at) await write(client, `readable-${randomUUID()}`);
    await client.query('COMMIT');
    await client.query('ANALYZE messages');
};

(async () => {
    await install(await connect());
    while (connected.length < measured.clients) await connect();
    await measured.measure({
        append: {
            prepare: () => measured.streams('payment'),
            run: (streams) => measured.share(streams, (stream, client) => append(connected[client], stream)),
        },
        read: {
            prepare: async (count) => { await fill(connected[0], count); return count; },
            run: (count) => read(connected[0], count),
        },
    }, () => Promise.all(connected.map((client) => client.end())));
})().catch((error) => { console.error(error.message); process.exit(1); });
