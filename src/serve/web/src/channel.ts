// The socket to the server for one open issue. Requests go out; messages are handed over one after
// the other; a connection that is lost is opened again, sooner at first than later.

import type { First, Message, Request } from "./protocol.ts";

export type Connection = "connecting" | "open" | "lost" | "refused";

/** The page's end of a channel. */
export interface Receiver {
  /** A connection begins: its first pages come with all glyphs. */
  opened(): void;
  /** Takes a message; the next message waits until this one is done with. */
  receive(message: Message): void | Promise<void>;
  /** A connection has ended: what it was to answer is not answered. */
  lost(): void;
  /** The channel knows more about why there is no connection. */
  connection(): void;
}

const LONGEST_WAIT = 5000;

export class Channel {
  connection: Connection = "connecting";
  private socket: WebSocket | null = null;
  private attempts = 0;
  private timer = 0;
  private incoming: Promise<void> = Promise.resolve();
  private ended = false;

  constructor(
    private readonly first: First,
    private readonly receiver: Receiver,
  ) {
    this.connect();
    addEventListener("online", this.retry);
    addEventListener("focus", this.retry);
  }

  close(): void {
    this.ended = true;
    removeEventListener("online", this.retry);
    removeEventListener("focus", this.retry);
    clearTimeout(this.timer);
    this.socket?.close();
  }

  isOpen(): boolean {
    return this.connection === "open";
  }

  send(request: Request): void {
    this.socket?.send(JSON.stringify(request));
  }

  /** Gives up a connection that does not answer, for another one. */
  restart(): void {
    this.socket?.close();
  }

  private readonly retry = (): void => {
    if (this.socket || this.ended) return;
    clearTimeout(this.timer);
    this.connect();
  };

  private connect(): void {
    const url = new URL("api/live", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    url.hash = "";
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.receiver.opened();
      socket.send(JSON.stringify(this.first));
    };
    socket.onmessage = (event) => {
      const message = JSON.parse(event.data as string) as Message;
      // One after the other: the first of a connection has to wait for the browser's own copy.
      this.incoming = this.incoming.then(() => {
        if (socket === this.socket && !this.ended) return this.take(message);
      }).catch((error: unknown) => reportError(error));
    };
    socket.onclose = () => {
      if (socket === this.socket && !this.ended) void this.lost();
    };
  }

  private take(message: Message): void | Promise<void> {
    if (message.t === "state") {
      this.connection = "open";
      this.attempts = 0;
    }
    return this.receiver.receive(message);
  }

  private async lost(): Promise<void> {
    this.socket = null;
    if (this.connection !== "refused") this.connection = "lost";
    this.receiver.lost();
    const wait = Math.min(LONGEST_WAIT, 150 * 2 ** Math.min(this.attempts, 6));
    this.attempts += 1;
    this.timer = setTimeout(this.retry, wait);
    const why = (await isRefused()) ? "refused" : "lost";
    // The next connection may have been opened before the answer came.
    if (this.isOpen() || this.ended) return;
    this.connection = why;
    this.receiver.connection();
  }
}

/** A socket does not say why it was refused: a request does. */
async function isRefused(): Promise<boolean> {
  try {
    const { status } = await fetch("api/project", { method: "HEAD", credentials: "same-origin" });
    return status === 401 || status === 403;
  } catch {
    return false;
  }
}
