// A listener with no decisions, as a process of its own.
import { startFakeListener } from '../../test/fakes/listener/server.ts';

const listener = await startFakeListener();
process.on('message', () => {
  process.send?.({ url: listener.url, token: listener.token, requests: listener.count() });
});
