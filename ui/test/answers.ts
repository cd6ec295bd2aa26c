// Answers of a server, given by a test: each stays open until the test ends it.
import assert from 'node:assert/strict';

export const stats = { rows_opened: 1, lines_scanned: 10, lines_matched: 2, bytes_scanned: 100, elapsed_ms: 1, complete: true, stopped_by: null };

// Answers as the test gives them: a body that stays open until it is ended.
export class Answer {
  #out!: ReadableStreamDefaultController<Uint8Array>;
  readonly body = new ReadableStream<Uint8Array>({ start: (out) => { this.#out = out; } });
  say(...lines: unknown[]) {
    for (const line of lines) this.#out.enqueue(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
    return this;
  }
  end(next: string | null, prev: string | null, more: object = {}) {
    this.say({ next, prev, stats: { ...stats, ...more } });
    this.#out.close();
  }
  // The whole of an answer that is no stream.
  finish(value: unknown) {
    this.say(value);
    this.#out.close();
  }
  break(reason: unknown) {
    this.#out.error(reason);
  }
}

export function withAnswers(body: (asked: { url: URL; answer: Answer }[], until: (condition: () => boolean) => Promise<void>) => Promise<void>) {
  return async () => {
    const before = globalThis.fetch;
    const socket = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
    Object.assign(globalThis, { WebSocket: undefined }); // newer Nodes have one; here all comes by fetch
    const asked: { url: URL; answer: Answer }[] = [];
    globalThis.fetch = (async (address: string, init: RequestInit) => {
      const answer = new Answer();
      init.signal?.addEventListener('abort', () => answer.break(init.signal?.reason));
      asked.push({ url: new URL(address, 'http://hub/'), answer });
      return new Response(answer.body);
    }) as typeof fetch;
    const until = async (condition: () => boolean) => {
      for (const end = Date.now() + 30_000; !condition(); ) {
        assert.ok(Date.now() < end, 'waited in vain');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    };
    try {
      await body(asked, until);
    } finally {
      globalThis.fetch = before;
      if (socket) Object.defineProperty(globalThis, 'WebSocket', socket);
    }
  };
}
