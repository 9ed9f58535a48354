// SPDX-License-Identifier: MIT
// Emmett on SQLite. Its processor handles a page of the log in one transaction of its own connection, in which this
// writes too.
'use strict';
const measured = require('../../peers/measured.js');
const { appendToStream, getSQLiteEventStore, readStream } = measured.require('@event-driven-io/emmett-sqlite');
const store = getSQLiteEventStore({ fileName: measured.place });
const within = ({ connection }) => ({
    read: (stream) => readStream(connection, stream),
    append: (stream, events, options) => appendToStream(connection, stream, 'process', events, options),
});
require('./emmett.js').measure(store, within, () => store.close?.());
