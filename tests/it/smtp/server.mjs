// A real SMTP server for the tests (npm smtp-server), on a port of its own.
//
// The first line of its output is its port; each message received is then one line of JSON. What becomes of a message
// is told by the first word of its reader's address:
//   refuse@  the address is refused for good
//   later@   it is refused for now, each time
//   once@    it is refused for now, the first time
//   drop@    the connection is cut before the message
//   cut@     the connection is cut once the message is received
//   hang@    the message is received and never answered
// Arguments: --login asks for ana / pomme verte over STARTTLS; --stranger refuses every sender.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SMTPServer } from 'smtp-server';

const here = dirname(fileURLToPath(import.meta.url));
const login = process.argv.includes('--login');
const stranger = process.argv.includes('--stranger');
const seen = new Set();

function refusal(code, sentence) {
  return Object.assign(new Error(sentence), { responseCode: code });
}

function say(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

const server = new SMTPServer({
  authOptional: !login,
  disabledCommands: login ? [] : ['AUTH', 'STARTTLS'],
  key: readFileSync(join(here, 'key.pem')),
  cert: readFileSync(join(here, 'cert.pem')),
  logger: false,
  onAuth(auth, session, done) {
    if (auth.username === 'ana' && auth.password === 'pomme verte') return done(null, { user: auth.username });
    return done(new Error(`no account ${auth.username} with ${auth.password}`));
  },
  onMailFrom(address, session, done) {
    return done(stranger ? refusal(553, '5.7.1 Expéditeur inconnu') : null);
  },
  onRcptTo({ address }, session, done) {
    const first = !seen.has(address);
    seen.add(address);
    switch (address.split(/[.@]/)[0]) {
      case 'refuse':
        return done(refusal(550, '5.1.1 Boîte inconnue'));
      case 'later':
        return done(refusal(451, '4.2.2 Boîte pleine'));
      case 'once':
        return done(first ? refusal(451, '4.7.1 Revenez plus tard') : null);
      case 'drop':
        return cut(session);
      default:
        return done();
    }
  },
  onData(stream, session, done) {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope;
      const to = rcptTo.map((it) => it.address);
      const raw = Buffer.concat(parts).toString('latin1');
      say({ from: mailFrom.address, to, raw, secure: session.secure, user: session.user ?? null });
      switch (to[0].split(/[.@]/)[0]) {
        case 'cut':
          return cut(session);
        case 'hang':
          return undefined;
        default:
          return done();
      }
    });
  },
});

function cut(session) {
  for (const connection of server.connections) {
    if (connection.id === session.id) connection._socket.destroy();
  }
}

server.on('error', () => {});
server.listen(0, '127.0.0.1', () => say({ port: server.server.address().port }));
// The test that started it is gone.
process.stdin.on('close', () => process.exit(0)).resume();
