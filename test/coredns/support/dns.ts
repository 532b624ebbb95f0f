// DNS messages on the wire (RFC 1035), as far as the suite asks and checks them.
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';

/** A question, and how it is sent. */
export type Question = {
  readonly id: number;
  readonly labels: readonly (readonly number[])[];
  readonly type: number;
  readonly class: number;
  readonly opcode: number;
  /** Bits of the request: RD, AD, CD. */
  readonly flags: number;
  /** Undefined without EDNS (RFC 6891). */
  readonly edns: { readonly udpSize: number; readonly dnssecOk: boolean } | undefined;
  readonly transport: 'udp' | 'tcp';
};

/** The header of a response: 16 bits with QR, opcode, flags and rcode. */
export type Reply = { readonly id: number; readonly header: number; readonly bytes: number };

/** The message of a question. */
function encode({ id, labels, type, class: qclass, opcode, flags, edns }: Question): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE((opcode << 11) | flags, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(edns === undefined ? 0 : 1, 10);
  const name = labels.map((label) => Buffer.from([label.length, ...label]));
  const rest = Buffer.alloc(5);
  rest.writeUInt16BE(type, 1);
  rest.writeUInt16BE(qclass, 3);
  return Buffer.concat([header, ...name, rest, ...(edns === undefined ? [] : [opt(edns)])]);
}

function opt({ udpSize, dnssecOk }: NonNullable<Question['edns']>): Buffer {
  const record = Buffer.alloc(11);
  record.writeUInt16BE(41, 1);
  record.writeUInt16BE(udpSize, 3);
  record.writeUInt16BE(dnssecOk ? 0x8000 : 0, 7);
  return record;
}

/** A client with one UDP socket, and one TCP connection per question. */
export type Client = {
  readonly port: number;
  readonly ask: (question: Question) => Promise<Reply & { readonly port: number }>;
  readonly close: () => void;
};

/** Resends: loopback loses packets when the socket buffer is full, and a test must not hang. */
const TRIES = 5;
const TRY_MS = 10_000;

/** Opens a client on an address of the loopback network, for a server there. */
export async function openClient(
  address: string,
  server: { address: string; port: number },
): Promise<Client> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  const port = socket.address().port;
  const waiting = new Map<number, (reply: Reply) => void>();
  socket.on('message', (message) => waiting.get(message.readUInt16BE(0))?.(readReply(message)));
  const overUdp = async (question: Question): Promise<Reply> => {
    const reply = new Promise<Reply>((resolve) => waiting.set(question.id, resolve));
    for (let i = 0; i < TRIES; i += 1) {
      socket.send(encode(question), server.port, server.address);
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<undefined>((resolve) => {
        timer = setTimeout(() => resolve(undefined), TRY_MS);
      });
      const result = await Promise.race([reply, late]);
      clearTimeout(timer);
      if (result !== undefined) return result;
    }
    throw new Error(`no reply to question ${question.id}`);
  };
  return {
    port,
    ask: async (question) =>
      question.transport === 'udp'
        ? { ...(await overUdp(question)), port }
        : await overTcp(question, address, server),
    close: () => socket.close(),
  };
}

function overTcp(question: Question, localAddress: string, server: { address: string; port: number }) {
  return new Promise<Reply & { port: number }>((resolve, reject) => {
    const socket = connect({ host: server.address, port: server.port, localAddress });
    let received = Buffer.alloc(0);
    let port = 0;
    socket.on('connect', () => {
      port = socket.localPort ?? 0;
      const message = encode(question);
      const length = Buffer.alloc(2);
      length.writeUInt16BE(message.length);
      socket.write(Buffer.concat([length, message]));
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2 || received.length < 2 + received.readUInt16BE(0)) return;
      socket.destroy();
      resolve({ ...readReply(received.subarray(2)), port });
    });
    socket.on('error', reject);
    socket.setTimeout(TRY_MS * TRIES, () => socket.destroy(new Error(`no reply to question ${question.id}`)));
  });
}

const readReply = (message: Buffer): Reply => ({
  id: message.readUInt16BE(0),
  header: message.readUInt16BE(2),
  bytes: message.length,
});
