import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  server: Socket;
}

/** One direction of a connection. It keeps the order of the data, as TCP does, even if the delay becomes shorter. */
class Lane {
  readonly #to: Socket;
  readonly #waiting: { data: Buffer; due: number }[] = [];

  constructor(to: Socket) {
    this.#to = to;
  }

  pass(data: Buffer, delayMs: number): void {
    this.#waiting.push({ data, due: performance.now() + delayMs });
    if (this.#waiting.length === 1) this.#send();
  }

  #send(): void {
    for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
      const left = next.due - performance.now();
      if (left > 0) {
        setTimeout(() => this.#send(), Math.ceil(left));
        return;
      }
      this.#waiting.shift();
      if (this.#to.writable) this.#to.write(next.data);
    }
  }
}

/** Which data a partition stops: requests, replies, or all. */
export type PartitionSide = 'both' | 'requests' | 'replies';

/** Requests of executors. They may arrive again at any time: each names its attempt. */
const repeatable = /^POST \/v1\/jobs\/[^ ]+\/(ask|tell|fail|release|heartbeat) HTTP/;

/** Time until a request arrives again, ms: longer than a trial's lease. */
const DUPLICATE_MS = 2_000;

/** A proxy between one process and a server, which can be slow, partition, or cut with a reply on its way. */
export class Proxy {
  readonly port: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  #target: number;
  /** Replies that were swallowed so far. */
  lost = 0;
  #delayMs = 0;
  #partition: PartitionSide | null = null;
  #swallow = 0;
  #duplicates = 0;
  #strandMs: number | null = null;

  private constructor(listener: Server, target: number) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    this.#target = target;
    listener.on('connection', (client) => this.#join(client, this.#target));
  }

  static async to(target: number): Promise<Proxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Proxy(listener, target);
  }

  /** Leads new connections to another port, and closes those to the old one. */
  retarget(target: number): void {
    this.#target = target;
    this.cut();
  }

  /** Delays each piece of data by this long in each direction, ms. */
  slow(ms: number): void {
    this.#delayMs = ms;
  }

  /** Stops data without closing connections, as when a cable is pulled; null resumes all. */
  partition(side: PartitionSide | null): void {
    this.#partition = side;
    for (const pair of this.#pairs) this.#pause(pair);
  }

  #pause({ client, server }: Pair): void {
    client[this.#partition === 'both' || this.#partition === 'requests' ? 'pause' : 'resume']();
    server[this.#partition === 'both' || this.#partition === 'replies' ? 'pause' : 'resume']();
  }

  /** Sends this many of the next repeatable HTTP requests once more, on a separate connection and later. */
  duplicateRequests(count: number): void {
    this.#duplicates = count;
  }

  /** Closes the connection of the next request; the request arrives after this time, when its sender has given up. */
  strandRequest(ms: number | null): void {
    this.#strandMs = ms;
  }

  /** Closes every connection. New ones can be opened. */
  cut(): void {
    for (const pair of this.#pairs) this.#part(pair);
  }

  /** Drops this many of the next replies after their requests went through, and closes their connections. */
  loseReplies(count: number): void {
    this.#swallow = count;
  }

  close(): void {
    this.#listener.close();
    this.cut();
  }

  #join(client: Socket, target: number): void {
    const server = connect(target, '127.0.0.1');
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => {}).on('close', () => this.#part(pair));
    }
    const up = new Lane(server);
    const down = new Lane(client);
    client.on('data', (data) => {
      if (this.#strandMs !== null) return this.#strand(pair, data);
      if (this.#duplicates > 0 && isWholeRequest(data)) this.#duplicate(data, target);
      up.pass(data, this.#delayMs);
    });
    server.on('data', (data) => {
      if (this.#swallow > 0) {
        this.#swallow -= 1;
        this.lost += 1;
        this.#part(pair);
      } else down.pass(data, this.#delayMs);
    });
    this.#pause(pair);
  }

  #strand(pair: Pair, data: Buffer): void {
    const ms = this.#strandMs!;
    this.#strandMs = null;
    this.#pairs.delete(pair);
    pair.client.removeAllListeners('close').destroy();
    setTimeout(() => {
      // The server carries the request out, and its reply reaches nobody.
      if (pair.server.writable) pair.server.end(data);
    }, ms);
  }

  #duplicate(data: Buffer, target: number): void {
    this.#duplicates -= 1;
    setTimeout(() => {
      const socket = connect(target, '127.0.0.1', () => socket.write(data));
      socket.on('error', () => {}).on('data', () => socket.destroy());
      socket.setTimeout(10_000, () => socket.destroy());
    }, DUPLICATE_MS);
  }

  #part(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}

/** Whether the data is one request with its body, as small requests arrive. */
function isWholeRequest(data: Buffer): boolean {
  const head = data.indexOf('\r\n\r\n');
  const text = data.subarray(0, Math.max(head, 0)).toString();
  const length = Number(/\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? 0);
  return repeatable.test(text) && data.length === head + 4 + length;
}
