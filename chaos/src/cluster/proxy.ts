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

/** A proxy between one process and a server, which can be slow, partition, or cut with a reply on its way. */
export class Proxy {
  readonly port: number;
  readonly #listener: Server;
  readonly #pairs = new Set<Pair>();
  /** Replies that were swallowed so far. */
  lost = 0;
  #delayMs = 0;
  #partition = false;
  #swallow = 0;

  private constructor(listener: Server, target: number) {
    this.#listener = listener;
    this.port = (listener.address() as AddressInfo).port;
    listener.on('connection', (client) => this.#join(client, target));
  }

  static async to(target: number): Promise<Proxy> {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return new Proxy(listener, target);
  }

  /** Delays each piece of data by this long in each direction, ms. */
  slow(ms: number): void {
    this.#delayMs = ms;
  }

  /** Stops or resumes all data in both directions without closing connections, as when a cable is pulled. */
  partition(on: boolean): void {
    this.#partition = on;
    for (const socket of [...this.#pairs].flatMap(({ client, server }) => [client, server]))
      socket[on ? 'pause' : 'resume']();
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
    client.on('data', (data) => up.pass(data, this.#delayMs));
    server.on('data', (data) => {
      if (this.#swallow > 0) {
        this.#swallow -= 1;
        this.lost += 1;
        this.#part(pair);
      } else down.pass(data, this.#delayMs);
    });
    if (this.#partition) client.pause();
  }

  #part(pair: Pair): void {
    this.#pairs.delete(pair);
    pair.client.destroy();
    pair.server.destroy();
  }
}
