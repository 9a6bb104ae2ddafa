// One Directus a core, sharing the port, as its own image does with pm2: Django has one gunicorn worker a core too.

import cluster from 'node:cluster';
import os from 'node:os';

const [command] = process.argv.slice(2);
cluster.setupPrimary({ exec: command, args: ['start'] });
for (const _ of os.cpus()) cluster.fork();
// This one ends when none of them is left.
process.on('SIGTERM', () => Object.values(cluster.workers).forEach((it) => it.process.kill('SIGTERM')));
