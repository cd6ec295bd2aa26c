// What the server tells by WebSocket: a JSON object a message.
import { credentialProtocols } from '../session';
import { address, answered, ApiError, type Query } from './http';

// The server's pings are heard by the browser alone. After so long a silence it is asked whether it is there: whatever a client of its
// streams says, it tells its place.
const kAskMs = 15_000;

// It did not open. Why is known to nobody here: a browser tells pages nothing of it.
export class Unopened extends ApiError {
  constructor() {
    super(0, 'unreachable', 'no WebSocket can be opened');
  }
}

export const socketsWork = (): boolean => typeof WebSocket !== 'undefined';

// Each message is handed to `take`, until the socket ends. It never ends well: Unopened, ApiError, what `take` throws, or what the
// signal says.
export function readSocket(path: string, query: Query, take: (value: unknown) => void, signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const url = new URL(address(path, query), location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    url.hash = '';
    const socket = new WebSocket(url, credentialProtocols());
    let opened = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        socket.send('place');
        heard();
      }, kAskMs);
    };
    const end = (why: unknown) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', give);
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
      reject(why);
    };
    const give = () => end(signal.reason);
    signal.addEventListener('abort', give);
    socket.onopen = () => {
      opened = true;
      answered();
      heard();
    };
    socket.onmessage = ({ data }) => {
      heard();
      try {
        take(JSON.parse(String(data)));
      } catch (error) {
        end(error);
      }
    };
    socket.onclose = () => end(opened ? new ApiError(0, 'unreachable', 'the server closed the stream') : new Unopened());
  });
}
