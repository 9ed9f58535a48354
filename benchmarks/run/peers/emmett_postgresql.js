// SPDX-License-Identifier: MIT
// Emmett on PostgreSQL. Each append of a handler is a transaction of its own.
'use strict';
const measured = require('../../peers/measured.js');
const { getPostgreSQLEventStore } = measured.require('@event-driven-io/emmett-postgresql');
const store = getPostgreSQLEventStore(measured.place);
const within = () => ({
    read: (stream) => store.readStream(stream),
    append: (stream, events, options) => store.appendToStream(stream, events, options),
});
require('./emmett.js').measure(store, within, () => store.close());
